"""Comparison: all networks on the same folds of the same examples, in one table."""
