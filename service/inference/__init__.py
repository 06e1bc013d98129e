"""Classify crops with an exported network."""
