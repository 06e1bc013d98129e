"""Queries: each takes a session, flushes where an id is needed, and never commits."""
