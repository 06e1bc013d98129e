"""Write flakes, one format a file. Pure."""
