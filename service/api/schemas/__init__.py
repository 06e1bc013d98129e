"""Bodies of requests and responses; their field names are the interface."""
