"""Operators read incidents over HTTP and at a terminal; nobody else does."""

import asyncio
import secrets
from pathlib import Path

import httpx2 as httpx
import pytest

from gateway.access.demo import register_demo_caller
from gateway.access.vocabulary import Role
from gateway.api.app import Shell, create_app
from gateway.cli import main
from gateway.database import open_database
from gateway.feed.silence.incidents import Cause, update_incident
from gateway.feed.silence.routes import PATH, incident_routes
from gateway.identifiers import Identifiers
from gateway.metrics import open_metrics
from tests.feed.province import subscribe
from tests.feed.pulling.door import Door, open_door


async def ask(door: Door, role: Role, **asked: str) -> httpx.Response:
    caller = await register_demo_caller(
        door.database,
        door.log,
        door.clock,
        door.new_id,
        role=role,
        institution="330000",
        area="330000",
    )
    token = door.access.grant_token(caller.client_id).token
    shell = Shell(door.access, open_metrics(), door.new_id)
    app = create_app([incident_routes(door.database, door.access)], shell)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", verify=False) as client:
        return await client.get(PATH, params=asked, headers={"Authorization": f"Bearer {token}"})


async def affect(door: Door, cause: Cause, *names: str) -> None:
    ids = Identifiers(door.clock, secrets.token_bytes)
    async with door.database.transaction() as connection:
        await update_incident(connection, cause, names, ids, door.clock.now())


async def test_an_operator_reads_what_is_open_page_by_page(migrated_sqlite_url: str) -> None:
    store = open_database(migrated_sqlite_url)
    async with open_door(store) as door:
        await subscribe(store, "a")
        await affect(door, Cause.SILENT, "a")
        door.clock.advance(1)
        await affect(door, Cause.BEHIND, "a")
        door.clock.advance(1)
        await affect(door, Cause.SILENT)
        (open_one,) = (await ask(door, Role.OPERATOR)).json()["incidents"]
        assert open_one["cause"] == "subscriber_behind"
        assert open_one["subscriptions"].keys() == {"a"}
        newest = (await ask(door, Role.OPERATOR, standing="false", limit="1")).json()
        assert newest["next"] == newest["incidents"][0]["incident_id"]
        older = await ask(door, Role.OPERATOR, standing="false", before=newest["next"])
        (closed,) = older.json()["incidents"]
        assert (closed["cause"], closed["subscriptions"]) == ("subscriber_silent", {"a": None})
        assert (await ask(door, Role.PROVINCE)).status_code == 404
    await store.close()


def test_a_terminal_shows_one_line_a_cause(
    migrated_sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:

    async def happen() -> None:
        store = open_database(migrated_sqlite_url)
        async with open_door(store) as door:
            for name in ("a", "b"):
                await subscribe(store, name)
            await affect(door, Cause.SILENT, "a", "b")
        await store.close()

    asyncio.run(happen())
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("JISUI_KEYS_FOLDER", str(tmp_path / "keys"))
    with pytest.raises(SystemExit) as ended:
        main(["incidents"])
    (line,) = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert line.endswith("subscribers stopped asking  2  a b")
