"""The chip map: layout, squares, outlines."""
