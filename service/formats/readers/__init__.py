"""Readers of scan folders, one maker or kind a file; the registry lists them."""
