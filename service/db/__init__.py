"""Rows and blobs: the tables, their queries, and the store of original bytes."""
