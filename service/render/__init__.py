"""Draws chips with a known answer, by the same optics that reads them."""
