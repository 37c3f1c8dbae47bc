"""`jisui honey`: a record is watched once, told of, and let go; each change is put on record."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.database import open_database
from gateway.evidence.tables import entries
from gateway.keys import open_keys
from tests.cli.conftest import Ended

Jisui = Callable[..., Ended]


@pytest.fixture
def store(migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty store with its keys."""
    open_keys(tmp_path / "keys", create=True)
    (tmp_path / "licence").write_text("nobody is asked", "ascii")
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("JISUI_KEYS_FOLDER", str(tmp_path / "keys"))
    monkeypatch.setenv("JISUI_SYSTEMS__POPULATION__LICENCE_FILE", str(tmp_path / "licence"))
    return migrated_sqlite_url


async def outcomes(url: str) -> list[tuple[str, str]]:
    database = open_database(url)
    async with database.reading() as connection:
        rows = (await connection.execute(select(entries.c.canonical))).scalars().all()
    await database.close()
    read = [json.loads(row[1:]) for row in rows]
    return [(one["action"], one["outcome"]) for one in read if one["action"] == "honey.changed"]


def test_a_record_is_placed_once_listed_and_removed(jisui: Jisui, store: str):
    assert jisui("honey", "place", "handover 1")[0] == 0
    assert jisui("honey", "place", "handover 1")[0] == 1
    code, out, _ = jisui("honey", "list", "--json")
    (one,) = json.loads(out)["honey"]
    assert (code, one["record"]) == (0, "handover 1")
    assert jisui("honey", "remove", "handover 1")[0] == 0
    assert jisui("honey", "remove", "handover 1")[0] == 1
    written = asyncio.run(outcomes(store))
    assert sorted(written) == [("honey.changed", "placed"), ("honey.changed", "removed")]
