"""HTTP routes, one router a room."""
