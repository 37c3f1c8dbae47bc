"""The shipped steps lead to the declared tables on either engine, wholly or not at all."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from time import process_time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import gateway
from gateway import migrations
from gateway.database import Database, metadata, open_database
from gateway.migrations import DECLARING, declared_tables, edition, migrate, newest_edition, upgrade


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    store = open_database(database_url)
    yield store
    await store.close()


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), declared_tables()))


def table_names(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


async def test_the_steps_lead_to_the_declared_tables(empty: Database) -> None:
    await migrate(empty)
    async with empty.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_store_knows_its_edition(empty: Database) -> None:
    assert await edition(empty) is None
    await migrate(empty)
    assert await edition(empty) == newest_edition()


def test_the_newest_edition_is_the_one_that_all_steps_lead_to() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert newest_edition() == steps.get_current_head()


async def test_migrating_twice_changes_nothing_and_costs_little(empty: Database) -> None:
    await migrate(empty)
    start = process_time()
    await migrate(empty)
    assert process_time() - start < 1
    assert await edition(empty) == newest_edition()


async def test_processes_that_migrate_at_once_wait_for_one_another(
    empty: Database, database_url: str
) -> None:
    others = [open_database(database_url) for _ in range(3)]
    await asyncio.gather(*(migrate(store) for store in (empty, *others)))
    assert await edition(empty) == newest_edition()
    for store in others:
        await store.close()


async def test_a_migration_cut_short_leaves_the_store_as_it_was(empty: Database) -> None:
    async def fail() -> None:
        async with empty.transaction() as connection:
            await connection.run_sync(upgrade)
            assert len(await connection.run_sync(table_names)) > len(DECLARING)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with empty.reading() as connection:
        assert await connection.run_sync(table_names) == []
    await migrate(empty)
    assert await edition(empty) == newest_edition()


def test_every_module_that_declares_tables_is_listed() -> None:
    declared = set(declared_tables().tables)
    for module in walk_packages(gateway.__path__, "gateway."):
        if ".migrations." not in module.name:
            import_module(module.name)
    assert set(metadata.tables) == declared


def test_no_table_needs_more_than_its_rows_to_be_restored() -> None:
    for table in declared_tables().tables.values():
        assert table.primary_key.columns, f"{table.name} has no key to order its rows by"
        counted = table.autoincrement_column
        assert counted is None, f"{table.name} counts by itself: a copy would count from 1 again"
        for key in table.foreign_keys:
            assert key.column.table is not table, f"{table.name}'s rows depend on their order"
