"""Institutions take turns at a register, whatever each has handed in; weights bend the turns."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from gateway.database import Database
from gateway.leases import finish
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import Turns

NOW = datetime(2026, 9, 3, 2, tzinfo=UTC)
SYSTEM = "population"


async def hand_in(database: Database, name: str, institution: str, chunks: int) -> None:
    """A batch of so many chunks, not queued yet."""
    batch = {
        **{"batch_id": name, "institution": institution, "school": "", "area": "999999"},
        **{"system": SYSTEM, "key_id": name, "case": "", "trace_id": name, "rows": 0},
        **{"opens_problems": False, "state": "open", "received_at": NOW, "kept_until": NOW},
    }
    rows = [
        {
            **{"batch_id": name, "place": place, "work_id": f"{name}/{place}", "turn": 0},
            **{"rows": 1, "to_ask": 1, "pending": 1, "repeated": 0, "counts": "{}"},
        }
        for place in range(1, chunks + 1)
    ]
    async with database.transaction() as connection:
        await connection.execute(verification_batches.insert().values(batch))
        await connection.execute(verification_chunks.insert(), rows)


async def queue(database: Database, turns: Turns, name: str) -> None:
    async with database.transaction() as connection:
        await turns.queue(connection, name, NOW)


async def serve(database: Database, turns: Turns, chunks: int) -> str:
    """The initials of the batches whose chunks came next, each asked to its end."""
    served = ""
    for _ in range(chunks):
        async with database.transaction() as connection:
            lease = await turns.next(connection, SYSTEM, NOW)
            if lease is None:
                break
            served += lease.subject_id[0]
            await finish(connection, [lease])
    return served


async def test_two_institutions_alternate_whoever_came_first(database: Database) -> None:
    turns = Turns({})
    for name, chunks in (("night", 8), ("school", 3)):
        await hand_in(database, name, name, chunks)
    await queue(database, turns, "night")
    assert await serve(database, turns, 2) == "nn"
    await queue(database, turns, "school")
    served = await serve(database, turns, 9)
    assert served in ("nsnsnsnnn", "snsnsnnnn")


async def test_a_second_batch_of_one_institution_is_no_second_share(database: Database) -> None:
    turns = Turns({})
    for name, institution in (("a", "big"), ("b", "big"), ("c", "small")):
        await hand_in(database, name, institution, 4)
        await queue(database, turns, name)
    first = await serve(database, turns, 8)
    assert first.count("c") == 4
    assert await serve(database, turns, 4) == "bbbb"


@pytest.mark.parametrize(("weights", "share"), [({"big": 3.0}, 9), ({"big": 0.5}, 4)])
async def test_weights_bend_the_shares(
    database: Database, weights: Mapping[str, float], share: int
) -> None:
    turns = Turns(weights)
    for name in ("big", "small"):
        await hand_in(database, name, name, 12)
        await queue(database, turns, name)
    served = await serve(database, turns, 12)
    assert served.count("b") == pytest.approx(share, abs=1)


async def test_a_resumed_batch_gets_no_turns_for_the_time_it_rested(database: Database) -> None:
    turns = Turns({})
    for name in ("rested", "other"):
        await hand_in(database, name, name, 10)
    await queue(database, turns, "other")
    assert await serve(database, turns, 5) == "ooooo"
    await queue(database, turns, "rested")
    assert sorted(await serve(database, turns, 4)) == ["o", "o", "r", "r"]


async def test_a_chunk_is_held_by_one_process_at_a_time(database: Database) -> None:
    turns = Turns({})
    await hand_in(database, "a", "a", 2)
    await queue(database, turns, "a")
    async with database.transaction() as connection:
        held = [await turns.next(connection, SYSTEM, NOW) for _ in range(3)]
    assert [lease and lease.subject_id for lease in held] == ["a/1", "a/2", None]
