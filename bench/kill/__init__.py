"""Kills the service at random moments in the middle of a scan, and compares what comes out."""
