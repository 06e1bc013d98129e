"""One event as server-sent events write it (WHATWG HTML, section 9.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

# How long a browser waits before it connects again.
RETRY_MS = 2000

# Comments keep proxies from closing a silent stream.
OPENING = f"retry: {RETRY_MS}\n\n".encode()
HEARTBEAT = b": alive\n\n"


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened."""

    id: int
    at: datetime
    kind: str
    scan_id: int | None
    body: Mapping[str, object]

    def encode(self) -> bytes:
        """Id, kind, and one line of JSON: `at`, `scan_id` and what the kind has."""
        data = {"at": self.at.isoformat(), "scan_id": self.scan_id, **self.body}
        return f"id: {self.id}\nevent: {self.kind}\ndata: {json.dumps(data)}\n\n".encode()
