"""Backup, restore, and the check that rows and images agree."""
