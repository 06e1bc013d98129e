"""Quality: what the whole pipeline finds, misses and invents on annotated frames."""
