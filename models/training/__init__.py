"""The parts of a training; `models.train` puts them together."""
