"""What Alembic runs for each command: `service.db.migrate` hands it a connection."""

from typing import Literal

from alembic import context

from service.db.base import UtcDateTime
from service.db.tables import Scan

connection = context.config.attributes["connection"]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    # The job engine keeps tables of its own in the same SQLite file: not ours to drop.
    return kind != "table" or name in Scan.metadata.tables


def _without_own_types(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration must not change its meaning when our type does.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=connection,
    target_metadata=Scan.metadata,
    # SQLite cannot alter a table: Alembic copies it.
    render_as_batch=connection.dialect.name == "sqlite",
    include_name=_is_ours,
    render_item=_without_own_types,
)
with context.begin_transaction():
    context.run_migrations()
