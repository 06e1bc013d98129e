"""What can go wrong, in words for who caused it. Only `service.http.problems` knows HTTP."""

from collections.abc import Sequence


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


class Damaged(NotFound):
    """What lies under a digest is not what was put there."""


class InvalidToken(FlakescopeError):
    """No token where one is needed, or one that is unknown, expired or revoked."""


class NotAllowed(FlakescopeError):
    """A known caller is not allowed to do this."""


class Conflict(FlakescopeError):
    """Something else already stands where this should go."""


class Refused(Conflict):
    """A model version does not pass the gate; the message ends with the reasons."""

    def __init__(self, message: str, reasons: Sequence[str]) -> None:
        super().__init__(" ".join([message, *reasons]))
        self.reasons = list(reasons)


class InvalidArchive(FlakescopeError):
    """The zip cannot be unpacked: damaged, encrypted, or its names lead outside of it."""


class Busy(FlakescopeError):
    """Every place in the screening pool is taken; try again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InvalidModel(FlakescopeError):
    """The ONNX file cannot serve: unreadable, or its metadata lack what serving needs."""


class Unavailable(FlakescopeError):
    """The database or the store of images does not answer; nothing was written, try again."""


class StorageFull(FlakescopeError):
    """There is no room left for an image, an archive or a row; nothing was written."""
