"""The map of a chip: its tiles where they lie, as a pyramid of pictures, and its flakes."""
