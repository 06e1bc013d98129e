"""One tile: the order of work."""
