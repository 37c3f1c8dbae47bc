"""As processes: a witness that is killed and comes back, and a gateway on a restored old backup."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.transport import open_client
from benchmarks.processes import jisui
from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence.laying import RolledBack
from gateway.evidence.note_keys import key_text, parse_key, verify_cosigned, verify_signed
from gateway.evidence.notes import parse_note
from gateway.evidence.witnessing.asking import Witness
from gateway.evidence.witnessing.failures import EvidenceStopped
from gateway.processes.serving import serve
from gateway.processes.working import work
from gateway.settings import Settings, load_settings
from gateway.wiring.evidence import sign_log
from gateway.wiring.ground import open_ground
from tests.evidence.logs import NOW, Installation, entry


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


async def test_a_witness_that_was_killed_goes_on_where_it_signed_last(
    log: Installation, tmp_path: Path
) -> None:
    key = log.signatory().public()
    arguments = ["witness", "--folder", str(tmp_path / "w"), "--name", "w", "--log-key"]
    arguments += [key_text(key), "--port", "0"]
    keys = set()
    for size in (300, 301):
        await log.append(size - log_size(log))
        with jisui(arguments, tmp_path / "log") as process:
            keys.add(process.said["key"])
            public = parse_key(process.said["key"])
            async with open_client(process.said["url"], seconds=5) as client:
                kept = await log.lead(Witness(client, public))
                copy = f"/{key.key_id().hex()}"
                note = parse_note((await client.get(f"{copy}/checkpoint")).content)
                leaves = (await client.get(f"{copy}/leaves.bin")).content
                assert (await client.get("/00000000/checkpoint")).status_code == 404
            os.kill(process.pid, 9)
        assert kept.checkpoint.size == size
        assert kept.witnessed_at is not None
        verify_signed(note, key)
        verify_cosigned(note, public)
        assert leaves == b"".join(log.folder.tree(size).leaves(0, size))
    assert len(keys) == 1


def log_size(log: Installation) -> int:
    checkpoint = log.folder.checkpoint()
    return checkpoint.size if checkpoint else 0


@pytest.mark.parametrize("process", [serve, work])
async def test_a_restored_old_backup_is_not_appended_to(
    migrated_sqlite: Path, tmp_path: Path, process: Callable[[Settings], Awaitable[None]]
) -> None:
    store, older = tmp_path / "jisui.db", tmp_path / "older.db"
    shutil.copyfile(migrated_sqlite, store)
    (tmp_path / "licence").write_text("nobody is asked", "ascii")
    settings = load_settings(
        database_url=f"sqlite+aiosqlite:///{store}",
        keys_folder=tmp_path / "keys",
        listen={"port": 0},
        systems={"population": {"licence_file": tmp_path / "licence"}},
    )
    for count in (3, 5):
        async with open_ground(settings, VirtualClock(NOW)) as ground:
            async with ground.database.transaction() as connection:
                await ground.log.append(connection, [entry(str(case)) for case in range(count)])
            await sign_log(ground)
        if count == 3:
            shutil.copyfile(store, older)
    shutil.copyfile(older, store)
    with pytest.raises(RolledBack, match="holds 3 entries and 8 were signed for"):
        await process(settings)
    async with open_ground(settings) as ground:  # and if it ran already
        with pytest.raises(RolledBack):
            await sign_log(ground)
        async with ground.database.transaction() as connection:
            with pytest.raises(EvidenceStopped):
                await ground.log.append(connection, [entry("one more")])
    with sqlite3.connect(store) as opened:
        assert opened.execute("SELECT count(*) FROM entries").fetchone() == (3,)
    opened.close()
