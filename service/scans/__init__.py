"""Scans: open, tiles in, saved and merged, runs in chunks; owns the transactions."""
