"""What stops a command."""

from service.errors import FlakescopeError


class Unusable(FlakescopeError):
    """What a command needs is not to be had: a port is taken, a folder or the database is away."""
