"""The job engine (DBOS) and its workers; nothing of it is known elsewhere."""
