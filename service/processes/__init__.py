"""The processes: server, embedded worker, worker."""
