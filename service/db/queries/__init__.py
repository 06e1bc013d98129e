"""Queries: each takes a session, none commits."""
