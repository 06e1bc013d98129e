import re
from pathlib import Path

from service.db.tables import EVENT_KINDS

ROOT = Path(__file__).parents[2]


def test_the_documents_tell_of_every_kind_of_event():
    text = (ROOT / "docs/review.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \|", text.partition("## Hear what happens")[2], re.MULTILINE)

    assert sorted(told) == sorted(EVENT_KINDS)


def test_the_page_listens_to_every_kind_of_event():
    text = (ROOT / "web/src/api/event_kinds.ts").read_text("utf-8")
    listened = re.findall(r'"(\w+)"', text.partition("KINDS: readonly Kind[]")[2])

    assert sorted(listened) == sorted(EVENT_KINDS)
