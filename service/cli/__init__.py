"""The `flakescope` command."""
