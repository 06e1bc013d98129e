"""Reviews: verdicts, the queue, revisits, changes between model versions."""
