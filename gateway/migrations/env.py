"""Alembic's way in: runs the steps on the connection that `gateway.migrations` hands over."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from gateway.database import Instant
from gateway.migrations import declared_tables


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Steps name the stored type: they must run the same when our own type has changed."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=declared_tables(),
    transactional_ddl=True,
    render_as_batch=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
