"""Light and substrate of a scan: flat fields, measured contrasts, oxide."""
