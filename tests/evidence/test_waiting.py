"""Many wait for one round; nobody is told it is done before the witness signed for it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from adapters.transport import AsgiTransport, open_client
from gateway.api.witnessed import witnessed
from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence.checkpoint_store import Kept
from gateway.evidence.laying import RolledBack
from gateway.evidence.tables import entries
from gateway.evidence.witnessing.failures import Unwitnessed
from gateway.evidence.witnessing.waiting import Witnessing
from tests.evidence.logs import NOW, Installation
from tests.evidence.test_witness import Office


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


class Rounds:
    """A process's rounds, counted; `fault` is raised instead, `busy` of them are another's."""

    def __init__(self, log: Installation, office: Office) -> None:
        self.log, self.office = log, office
        self.led, self.busy = 0, 0
        self.there = True
        self.fault: Exception | None = None

    async def lead(self) -> Kept | None:
        self.led += 1
        if self.fault is not None:
            raise self.fault
        if self.led <= self.busy:
            return None
        async with self.office.asked() as witness:
            return await self.log.leader(witness if self.there else None).lead()

    async def alive(self) -> bool:
        return self.there


@pytest.fixture
def rounds(log: Installation, tmp_path: Path) -> Rounds:
    return Rounds(log, Office(log, tmp_path / "witness"))


@pytest.fixture
async def witnessing(rounds: Rounds) -> AsyncIterator[Witnessing]:
    witnessing = Witnessing(rounds.lead, rounds.alive, rounds.log.clock)
    yield witnessing
    await witnessing.close()


async def test_many_who_wait_are_covered_by_few_rounds(
    rounds: Rounds, witnessing: Witnessing
) -> None:
    async def act() -> int:
        await rounds.log.append(1)
        async with rounds.log.database.reading() as connection:
            before = len((await connection.execute(entries.select())).all())
        await witnessing.covered()
        return before

    committed = await asyncio.gather(*(act() for _ in range(40)))
    assert rounds.led < 12
    assert rounds.office.book.size == max(committed) == 40


async def test_who_waits_is_told_only_once_its_own_entry_is_covered(
    rounds: Rounds, witnessing: Witnessing
) -> None:
    for size in range(1, 6):
        await rounds.log.append(1)
        await witnessing.covered()
        assert rounds.office.book.size == size


async def test_another_processs_round_is_waited_for(rounds: Rounds, witnessing: Witnessing) -> None:
    rounds.busy = 3
    await rounds.log.append(1)
    await witnessing.covered()
    assert rounds.led == 4


@pytest.mark.parametrize("fault", [None, RolledBack(1, 2)])
async def test_what_nobody_witnessed_is_not_acknowledged(
    rounds: Rounds, witnessing: Witnessing, fault: Exception | None
) -> None:
    rounds.there, rounds.fault = False, fault
    await rounds.log.append(1)
    with pytest.raises(Unwitnessed) as refusal:
        await witnessing.covered()
    assert refusal.value.done
    with pytest.raises(Unwitnessed) as refusal:
        await witnessing.require()
    assert not refusal.value.done


async def test_nothing_begins_while_the_witness_is_away(
    rounds: Rounds, witnessing: Witnessing
) -> None:
    acted = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        acted.append(scope["path"])
        await rounds.log.append(1)
        status = 404 if scope["path"] == "/export/none" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"all of it"})

    held = witnessed(app, witnessing, {"GET": (re.compile("^/export"),)})
    async with open_client("http://gateway", transport=AsgiTransport(held)) as client:
        answered = await client.get("/export/1")
        assert (answered.status_code, rounds.office.book.size) == (200, 1)
        assert (await client.post("/export/1")).status_code == 200
        assert (await client.get("/other")).status_code == 200
        assert (await client.get("/export/none")).status_code == 404
        assert rounds.office.book.size == 1  # for none of these anybody waited
        rounds.there = False
        late = await client.get("/export/2")  # it died a moment ago
        assert (late.status_code, late.json()["type"]) == (503, "/problems/unwitnessed")
        assert b"all of it" not in late.content
        assert "Idempotency-Key" in late.json()["detail"]
        rounds.log.clock.advance(2)
        refused = await client.get("/export/3")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "/export/3" not in acted
        assert (await client.get("/other")).status_code == 200
