"""Events on their way to who listens."""
