"""Tokens, the audit log, and a census for who watches over the service."""
