"""`python -m bench.pace OUT`: how fast everything is, measured in one run, as one page."""
