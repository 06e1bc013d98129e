"""Thin-film optics: what a stack of atomic layers on SiO2/Si looks like to a camera."""
