"""`jisui follow` over a socket: each event a line, and how it ends."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.simulation.serving import serving
from gateway.database import open_database
from tests.cli.terminal import Terminal
from tests.feed.pulling.door import THEIRS, Door, open_door


async def follow(door: Door, url: str, folder: Path, *more: str, who: str = "330000"):
    token = (await door.headers(who))["Authorization"].removeprefix("Bearer ")
    (folder / "token").write_text(token, "ascii")
    terminal = Terminal(folder, {})
    terminal.temporary.mkdir(exist_ok=True)
    words = ("follow", "--subscription", "a", "--url", url, "--token-file", folder / "token")
    return await asyncio.to_thread(terminal.run, *words, "--once", *more)


@pytest.mark.timeout(60)
async def test_following_ends_as_it_went(migrated_sqlite_url: str, tmp_path: Path) -> None:
    store = open_database(migrated_sqlite_url)
    async with open_door(store) as door, serving(door.client._transport.app) as url:
        secrets = await door.subscribe("a")
        await door.happen(3)
        state = ("--state", str(tmp_path / "received.db"), "--after", "1", "--acknowledge")
        all_of_it = await follow(door, url, tmp_path)
        assert all_of_it.returncode == 0, all_of_it.stderr
        lines = [json.loads(line) for line in all_of_it.stdout.splitlines()]
        assert [line["sequence"] for line in lines] == ["1", "2", "3"]
        rest = await follow(door, url, tmp_path, *state)
        assert len(rest.stdout.splitlines()) == 2
        assert await door.column("a", "acknowledged") == 3
        again = await follow(door, url, tmp_path, *state)
        assert (again.returncode, again.stdout) == (0, "")
        # The gateway of this test lives in another month: what it signs is too old to be believed.
        forged = await follow(door, url, tmp_path, "--secret", secrets.hmac[0])
        assert (forged.returncode, forged.stdout) == (1, "")
        refused = await follow(door, url, tmp_path, who=THEIRS)
        assert refused.returncode == 2
    await store.close()
