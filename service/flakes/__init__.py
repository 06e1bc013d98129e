"""Flakes: find, show, cut out, explain by optics."""
