"""Whole scans come in: archives, uploads in pieces, folders."""
