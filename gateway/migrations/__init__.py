"""The store's schema, step by step: brings a store to the newest edition, all of it or nothing."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect, text

from gateway.database import Database, metadata

if TYPE_CHECKING:  # Alembic takes 10 MiB, which only a store that is behind is worth
    from alembic.config import Config

_HERE = Path(__file__).parent
_LOCK = 20_140_811  # any number; migrating processes wait for one another under it

# Every module that declares tables; a test finds those that are missing here.
DECLARING = (
    "gateway.access.callers",
    "gateway.access.looks.tables",
    "gateway.access.used_assertions",
    "gateway.calls.quota.tables",
    "gateway.calls.tables",
    "gateway.collecting.tables",
    "gateway.evidence.retaining.tables",
    "gateway.evidence.searching.tables",
    "gateway.evidence.tables",
    "gateway.feed.digests.tables",
    "gateway.feed.pulling.tables",
    "gateway.feed.pushing.tables",
    "gateway.feed.silence.tables",
    "gateway.feed.snapshots.tables",
    "gateway.feed.subscribing.tables",
    "gateway.feed.tables",
    "gateway.intake.places",
    "gateway.intake.steps.reloading",
    "gateway.intake.tables",
    "gateway.leases",
    "gateway.people.tables",
    "gateway.sealing",
    "gateway.sequence.lease",
    "gateway.verification.enrolment_queries.tables",
    "gateway.verification.positives",
    "gateway.verification.batches.tables",
    "gateway.verification.notices.tables",
    "gateway.verification.periodic.tables",
    "gateway.verification.problems.superseded",
    "gateway.verification.problems.tables",
    "gateway.verification.queries.tables",
    "gateway.verification.tables",
    "gateway.web.idempotency",
)


async def migrate(database: Database) -> None:
    """Bring the store to the newest edition; a store that is there already is left as it is."""
    async with database.transaction() as connection:
        if database.dialect == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await connection.run_sync(upgrade)


def upgrade(connection: Connection) -> None:
    """Bring the store behind this connection to the newest edition, in its open transaction."""
    if stored_edition(connection) == newest_edition():
        return
    from alembic import command

    command.upgrade(configuration(connection), "head")


async def edition(database: Database) -> str | None:
    """The edition the store is at, or None for an empty store."""
    async with database.reading() as connection:
        return await connection.run_sync(stored_edition)


def stored_edition(connection: Connection) -> str | None:
    """The edition of the store behind this connection, or None for an empty store."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    stored: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return stored


def newest_edition() -> str:
    """The edition this program works with."""
    return max(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


def declared_tables() -> MetaData:
    """The tables as the program declares them, all packages' together."""
    for module in DECLARING:
        import_module(module)
    return metadata


def configuration(connection: Connection) -> "Config":
    """The settings under which Alembic works on this connection, in its open transaction."""
    from alembic.config import Config

    settings = Config()
    # The settings' own syntax gives a percent sign in the path a meaning.
    settings.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
