"""Flakescope's service: finds graphene flakes on microscope tiles."""
