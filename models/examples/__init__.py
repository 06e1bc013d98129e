"""Labelled crops: where they come from and how they are labelled."""
