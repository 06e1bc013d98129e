"""What can go wrong for who sends tiles; each message is a sentence."""


class ClientError(Exception):
    """Base of the client's errors."""


class Refused(ClientError):
    """The service will not do this however often it is asked.

    Attributes
    ----------
    status : int
        Of HTTP; 0 where the client itself knows.
    """

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.status = status


class Unreachable(ClientError):
    """The service did not answer for as long as the caller was ready to wait."""


class Unsent(ClientError):
    """Tiles are lost: the client was closed before they were sent, and nothing keeps them."""
