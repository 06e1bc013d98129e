"""Trainings and labelled data, as the service keeps them; what trains is in `models`."""
