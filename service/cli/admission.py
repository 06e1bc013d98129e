"""Before serving: whether whoever can reach the address is also told apart."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.api.origins import is_loopback
from service.cli.errors import Unusable
from service.db.engine import Sessions, build_engine, build_sessions
from service.scans.tokens import can_anyone_enter, keep_bootstrap_token
from service.settings import Settings


def check_admission(settings: Settings) -> None:
    """Let the bootstrap token in; then refuse an address beyond this machine without any token.

    Raises
    ------
    Unusable
        There is no valid token, or the bootstrap token's file cannot be read.
    InvalidValue
        The bootstrap token is too short.
    """
    text = bootstrap_token(settings)
    with opened(settings) as sessions:
        if text is not None:
            keep_bootstrap_token(sessions, text)
        if is_loopback(settings.host):
            return
        if settings.open:
            raise Unusable(
                f"Refuses to serve on {settings.host} with --open: without tokens whoever reaches "
                "the address could read and delete everything. --open is for 127.0.0.1, ::1 and "
                "localhost."
            )
        if not can_anyone_enter(sessions):
            raise Unusable(
                f"Refuses to serve on {settings.host}: there is no access token that is valid, so "
                "whoever reaches the address could read and delete everything. Make one first, "
                "with the same --data-dir and --database-url:\n"
                "    flakescope token create NAME --role admin\n"
                "or set FLAKESCOPE_BOOTSTRAP_TOKEN (or FLAKESCOPE_BOOTSTRAP_TOKEN_FILE)."
            )


def bootstrap_token(settings: Settings) -> str | None:
    """The bootstrap token of the settings, or of the file that they name."""
    if settings.bootstrap_token is not None:
        return settings.bootstrap_token.get_secret_value().strip()
    path = settings.bootstrap_token_file
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Unusable(f"The bootstrap token in {path} cannot be read: {reason}.") from error


@contextmanager
def opened(settings: Settings) -> Iterator[Sessions]:
    """Sessions on the database of the settings, for a moment."""
    engine = build_engine(settings.url)
    try:
        yield build_sessions(engine)
    finally:
        engine.dispose()
