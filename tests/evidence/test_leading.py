"""The leader signs what is stored and nothing else, whatever a crash or an old backup left."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.evidence.checkpoint_store import load_newest
from gateway.evidence.checkpoints import UNWITNESSED, parse_checkpoint
from gateway.evidence.growing import Grown
from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.laying import Forked, RolledBack
from gateway.evidence.log import Gap, recompute
from gateway.evidence.note_keys import verify_signed
from gateway.evidence.notes import Note, parse_note
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import checkpoints, entries
from gateway.sequence.lease import LEASE_SECONDS, take
from tests.evidence.logs import NOW, ORIGIN, Installation


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


async def recomputed(log: Installation) -> tuple[int, bytes]:
    async with log.database.reading() as connection:
        size, root = await recompute(connection, log.hashing)
    return size, bytes.fromhex(root)


@pytest.mark.parametrize("hashing", [SHA256, SM3])
async def test_each_round_signs_the_root_that_the_entries_have(
    log: Installation, hashing: TreeHash
) -> None:
    log.hashing = hashing
    for count in (1, 2, 300, 1):
        await log.append(count)
        kept = await log.lead()
        verify_signed(parse_note(kept.note), log.signatory().public())
        assert (kept.checkpoint.size, kept.checkpoint.root) == await recomputed(log)
        assert parse_checkpoint(parse_note(kept.note).text) == kept.checkpoint
        assert log.folder.checkpoint() == kept.checkpoint
    extensions = (UNWITNESSED,) if hashing is SHA256 else ("hash sm3", UNWITNESSED)
    assert kept.checkpoint.extensions == extensions


async def test_nothing_is_signed_over_nothing_and_nothing_twice(log: Installation) -> None:
    assert await log.leader().lead() is None
    await log.append(3)
    first = await log.lead()
    log.clock.advance(60)
    assert await log.lead() == first
    async with log.database.reading() as connection:
        assert len((await connection.execute(select(checkpoints))).all()) == 1


async def test_one_process_leads_and_the_next_need_not_wait_for_it(log: Installation) -> None:
    await log.append(5)
    first, second = log.leader(), log.leader()
    assert await first.number()
    assert (await second.lead()) is not None
    assert await first.number()


async def test_while_another_leads_nothing_is_numbered_or_signed(log: Installation) -> None:
    await log.append(5)
    async with log.database.transaction() as connection:
        await take(connection, "entries", "another", log.clock.now())
    assert await log.leader().lead() is None
    assert not await log.leader().number()
    assert (await recomputed(log))[0] == 0
    log.clock.advance(LEASE_SECONDS)  # it has died
    assert (await log.lead()).checkpoint.size == 5


async def test_who_slept_past_its_lease_keeps_nothing(log: Installation) -> None:
    class Sleep:
        """Asked to cosign, it takes longer than the lease lasts, and another process leads."""

        async def cosign(self, signatory: Signatory, grown: Grown) -> Note:
            log.clock.advance(LEASE_SECONDS)
            await log.append(1)
            async with log.database.transaction() as connection:
                assert await take(connection, "entries", "another", log.clock.now())
            return signatory.sign(signatory.checkpoint(grown.size, grown.root))

    await log.append(5)
    assert await log.leader(Sleep()).lead() is None
    async with log.database.reading() as connection:
        assert await load_newest(connection) is None


@pytest.mark.parametrize("laid", [0, 1, 255, 256, 300])
async def test_tiles_a_crash_kept_from_being_laid_are_laid_from_the_store(
    log: Installation, laid: int
) -> None:
    if laid:
        await log.append(laid)
        await log.lead()
    await log.append(300)
    await log.leader().number()  # and here the process dies
    assert (await log.lead()).checkpoint.size == 300 + laid
    assert (300 + laid, log.folder.tree(300 + laid).root()) == await recomputed(log)


async def test_lost_and_damaged_tiles_are_laid_anew(log: Installation) -> None:
    await log.append(600)
    await log.lead()
    whole = log.folder.tree(600).root()
    (log.path / "tile/0/001").write_bytes(b"half")
    await log.append(1)
    await log.lead()
    assert log.folder.tree(600).root() == whole
    shutil.rmtree(log.path)
    await log.append(1)
    assert (await log.lead()).checkpoint.size == 602
    assert log.folder.tree(600).root() == whole


async def truncate(log: Installation) -> None:
    async with log.database.transaction() as connection:
        await connection.execute(delete(entries).where(entries.c.position > 8))
        await connection.execute(delete(checkpoints).where(checkpoints.c.size > 8))


async def truncate_and_go_on(log: Installation) -> None:
    await truncate(log)
    await log.append(50)


async def change(log: Installation) -> None:
    async with log.database.transaction() as connection:
        await connection.execute(
            update(entries).where(entries.c.position == 3).values(canonical=b"another")
        )
    shutil.rmtree(log.path / "tile")
    await log.append(1)


async def remove(log: Installation) -> None:
    async with log.database.transaction() as connection:
        await connection.execute(delete(entries).where(entries.c.position == 3))
    shutil.rmtree(log.path / "tile")
    await log.append(1)


@pytest.mark.parametrize(
    ("attack", "refusal"),
    [(truncate, RolledBack), (truncate_and_go_on, Forked), (change, Forked), (remove, Gap)],
)
async def test_a_store_that_is_not_what_was_signed_is_signed_no_more(
    log: Installation, attack: Callable[[Installation], object], refusal: type[Exception]
) -> None:
    await log.append(8)
    await log.lead()
    await log.append(12)
    before = await log.lead()
    await attack(log)  # type: ignore[misc]
    with pytest.raises(refusal):
        await log.lead()
    assert log.folder.checkpoint() == before.checkpoint


async def test_an_old_backup_is_named_with_both_sizes(log: Installation) -> None:
    await log.append(20)
    await log.lead()
    await truncate(log)
    with pytest.raises(RolledBack, match=r"8 entries and 20 were"):
        await log.lead()


async def test_the_folder_of_another_log_is_not_written(log: Installation) -> None:
    await log.append(2)
    await log.lead()
    log.origin = f"another-{ORIGIN}"
    await log.append(1)
    with pytest.raises(Forked):
        await log.lead()


async def test_processes_that_lead_at_once_leave_one_log(
    database: Database, tmp_path: Path
) -> None:
    log = Installation(database, tmp_path / "evidence", VirtualClock(NOW))

    async def work() -> None:
        leader = log.leader()
        for _ in range(5):
            await log.append(3)
            await leader.lead()

    await asyncio.gather(*(work() for _ in range(3)))
    kept = await log.lead()
    assert (kept.checkpoint.size, kept.checkpoint.root) == await recomputed(log)
    assert kept.checkpoint.size == 45
    async with log.database.reading() as connection:
        newest = await load_newest(connection)
    assert newest == kept


async def test_in_haste_a_leader_signs_the_same_and_leaves_the_tiles_to_others(
    log: Installation,
) -> None:
    await log.append(3)
    hasty = log.leader()
    assert await hasty.lead_on() is not None
    for count in (1, 255, 7):
        await log.append(count)
        kept = await hasty.lead_on()
        assert kept is not None
        assert (kept.checkpoint.size, kept.checkpoint.root) == await recomputed(log)
    assert log.folder.checkpoint() != kept.checkpoint
    assert await log.lead() == kept  # lays them, and signs nothing twice
    assert log.folder.checkpoint() == kept.checkpoint
    await log.append(2)
    await log.lead()  # somebody else led meanwhile
    await log.append(2)
    kept = await hasty.lead_on()
    assert kept is not None
    assert (kept.checkpoint.size, kept.checkpoint.root) == await recomputed(log)
