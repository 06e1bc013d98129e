"""Formats that other programs read: flakes of a scan in, text and bytes out; no database."""
