"""What every test may ask for: a real PostgreSQL, a real Redis, a migrated store on each engine.

`TEST_PG_DSN` and `TEST_REDIS_URL` name servers to use instead of our own; what lies in the Redis
database of that address is flushed. A server that cannot be had is an error, never a skip.
"""

import gc
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from hypothesis import HealthCheck, settings

from tests.engines.databases import (
    create_database,
    drop_database,
    ensure_template,
    finish,
    for_sqlalchemy,
    named,
)
from tests.engines.kept import keep
from tests.engines.postgres import EngineUnavailable, Postgres, postgres_sources, start_postgres
from tests.engines.redis_server import redis_sources, start_redis

if TYPE_CHECKING:  # tests of the lower floors need no store
    from gateway.database import Database

# A law holds however busy the machine is: how long an example takes is no part of it.
settings.register_profile(
    "jisui", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("jisui")

# Begun first, so that no worker is left with one of these when the others have nothing to do.
LONG = (
    "tests/crash/",
    "tests/attacks/",
    "tests/cli/test_demo",
    "tests/calls/test_storm",
    "tests/feed/pushing/test_campaigns",
    "tests/quota/",
    "tests/faults/",
    "tests/mappings/test_mapping_speed",
)

SHARED = pytest.StashKey[Postgres]()
NAMED_HERE = pytest.StashKey[bool]()
NUMBERS = count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all workers, before they inherit our environment."""
    if "TEST_RUN" not in os.environ:
        os.environ["TEST_RUN"] = f"test_{secrets.token_hex(4)}"
        config.stash[NAMED_HERE] = True
    worker = hasattr(config, "workerinput")
    if worker or not config.getoption("numprocesses", None) or "TEST_PG_DSN" in os.environ:
        return
    try:
        server = start_postgres(list(postgres_sources()))
    except EngineUnavailable:
        return  # each test that asks for it says so
    config.stash[SHARED] = server
    os.environ["TEST_PG_DSN"] = server.dsn


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Make once what all tests need alike; let the collector pass over what stays to the end."""
    keep()
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what we started; leave nothing on a server that is not ours."""
    if (server := config.stash.get(SHARED, None)) is not None:
        server.stop()
    elif "TEST_PG_DSN" in os.environ and config.stash.get(NAMED_HERE, False):
        drop_database(os.environ["TEST_PG_DSN"], _template())


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The maintenance database of a running PostgreSQL."""
    if given := os.environ.get("TEST_PG_DSN"):
        yield given
        return
    server = start_postgres(list(postgres_sources()))
    yield server.dsn
    server.stop()


@pytest.fixture
def postgres_url(postgres_dsn: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    yield from _database_on(postgres_dsn, "template0")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'jisui.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty store, once on each engine."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_dsn: str) -> str:
    """The name of a migrated template database."""
    ensure_template(postgres_dsn, _template(), _migrated)
    return _template()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "jisui.db"
    finish(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def migrated_postgres_url(postgres_dsn: str, migrated_postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own."""
    yield from _database_on(postgres_dsn, migrated_postgres)


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite: Path, sqlite_url: str, tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    shutil.copyfile(migrated_sqlite, tmp_path / "jisui.db")
    return sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A migrated store of the test's own, once on each engine."""
    names = {"sqlite": "migrated_sqlite_url", "postgresql": "migrated_postgres_url"}
    url: str = request.getfixturevalue(names[request.param])
    return url


@pytest.fixture
async def database(migrated_url: str) -> "AsyncIterator[Database]":
    """A migrated store, open, once on each engine."""
    from gateway.database import open_database

    store = open_database(migrated_url)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A running Redis: our own for this process, or a database of the given one."""
    if given := os.environ.get("TEST_REDIS_URL"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        base = int(urlsplit(given).path.strip("/") or 0)
        yield urlunsplit(urlsplit(given)._replace(path=f"/{base + int(worker)}"))
        return
    server = start_redis(list(redis_sources()))
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis database."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


async def _migrated(url: str) -> None:
    from gateway.database import open_database
    from gateway.migrations import migrate

    store = open_database(url)
    try:
        await migrate(store)
    finally:
        await store.close()


def _database_on(dsn: str, template: str) -> Iterator[str]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    name = f"{os.environ['TEST_RUN']}_{worker}_{next(NUMBERS)}"
    create_database(dsn, name, template)
    yield for_sqlalchemy(named(dsn, name))
    drop_database(dsn, name)


def _template() -> str:
    return f"{os.environ['TEST_RUN']}_migrated"
