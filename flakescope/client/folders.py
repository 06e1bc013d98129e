"""Where a program keeps what is its user's, on each system."""

import os
import sys
from pathlib import Path


def user_folder() -> Path:
    """Find `flakescope` in the user's folder for programs' data; $FLAKESCOPE_USER_DIR before it.

    Not created here.
    """
    given = os.environ.get("FLAKESCOPE_USER_DIR")
    if given:
        return Path(given)
    home = Path.home()
    if sys.platform == "win32":
        # Local, not roaming: images must not follow the user to other computers.
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "flakescope"
