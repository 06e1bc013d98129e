"""A scan's life: tiles in, flakes merged, reviews; owns the transactions."""
