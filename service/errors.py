"""What can go wrong, in words for who caused it. Only `service.api.errors` knows HTTP."""


class FlakescopeError(Exception):
    """Base of every error that a user may see: `str(error)` is a sentence that can be shown."""


class InvalidImage(FlakescopeError):
    """The bytes are no image that can be screened: empty, truncated or of another kind."""


class InvalidValue(FlakescopeError):
    """A value beside the image is wrong: a scale, a position, a label, a name."""


class TooLarge(FlakescopeError):
    """A body, an image or an archive is over a limit; the message states the limit."""


class NotFound(FlakescopeError):
    """Nothing has this id or name."""


class Conflict(FlakescopeError):
    """Something else already stands where this should go."""


class InvalidArchive(FlakescopeError):
    """The zip cannot be unpacked: damaged, encrypted, or its names lead outside of it."""


class Busy(FlakescopeError):
    """Every place in the screening pool is taken; try again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InvalidModel(FlakescopeError):
    """The ONNX file cannot serve: unreadable, or its metadata lack what serving needs."""
