"""Readers that find the tiles of a scan and their positions in a folder of any microscope."""
