"""What is verified is bound to the claim: another claim is asked anew, a late answer is dropped."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from contracts.capabilities import Verdict
from contracts.outcomes import Outcome
from contracts.records import Document, Identity
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.leases import lease, work
from gateway.sealing import DataKey, KeyRow, Sealer, store_keys
from gateway.verification.asked import open_leased
from gateway.verification.keeping import Keeping, Said
from gateway.verification.positives import Positives
from gateway.verification.problems.findings import GATHER, SEEK
from gateway.verification.problems.tables import problem_findings
from gateway.verification.query import VERIFY, Request, Requesting, standings, work_kind
from gateway.verification.tables import verifications
from tests.intake.stage import START
from tests.verification.queries.conftest import ANN, BEN

SEALER = Sealer(b"f" * 32, b"i" * 32)
ZHEJIANG = work_kind(VERIFY, "population_zhejiang")
DEFAULT = work_kind(VERIFY, "population")
ASKING = Requesting(SEALER, lambda area: "population_zhejiang" if area < "34" else "population")
ANNS = Identity(ANN.name, "1", date(2020, 1, 1), Document("1", "", ANN.document), None)
BENS = replace(ANNS, name=BEN.name, document=Document("1", "", BEN.document))
WRONG = replace(ANNS, born_on=date(2020, 1, 2))


@pytest.fixture
async def key(database: Database) -> DataKey:
    wrapped, usable = SEALER.new_key()
    async with database.transaction() as connection:
        row = KeyRow(key_id="key", wrapped=wrapped, created_at=START)
        await store_keys(connection, [row])
    return usable


def of(identity: Identity, key: DataKey, area: str = "330106") -> Request:
    return Request("child", "key", key, "3301060001", area, "trace", identity, "decide")


async def request(database: Database, *requests: Request) -> None:
    async with database.transaction() as connection:
        for one in requests:
            await ASKING.request(connection, [one], START)


async def due(database: Database) -> list[str]:
    async with database.reading() as connection:
        kinds = select(work.c.kind).where(work.c.kind.like("verify:%"))
        return list((await connection.execute(kinds)).scalars())


async def outcome(database: Database) -> Outcome | None:
    async with database.reading() as connection:
        return (await standings(connection, ["child"]))["child"].outcome


async def say(database: Database, outcome: Outcome, *meanwhile: Request) -> None:
    """The register's answer to what is due, kept after what else came in meanwhile."""
    clock = VirtualClock(START)
    keeping = Keeping(clock, Positives(SEALER, clock, hours=0), interactive=False)
    async with database.transaction() as connection:
        leases = await lease(connection, ZHEJIANG, 1, START, 60.0)
        (asked,) = await open_leased(connection, leases, SEALER)
    await request(database, *meanwhile)
    async with database.transaction() as connection:
        await keeping.keep(connection, [Said(asked, Verdict(outcome), "call")])


@pytest.mark.parametrize(
    ("area", "kind"), [("330106", ZHEJIANG), ("340101", DEFAULT), ("999999", DEFAULT)]
)
async def test_each_area_waits_in_the_queue_of_its_own_register(
    database: Database, key: DataKey, area: str, kind: str
):
    await request(database, of(ANNS, key, area))
    assert await due(database) == [kind]


async def test_the_same_claim_is_asked_once(database: Database, key: DataKey):
    await request(database, of(ANNS, key))
    await say(database, Outcome.MATCH)
    await request(database, of(ANNS, key), of(replace(ANNS, sex="0"), key))
    assert await outcome(database) is Outcome.MATCH
    assert await due(database) == []


async def test_another_claim_is_asked_anew_and_the_former_answer_counts_no_more(
    database: Database, key: DataKey
):
    await request(database, of(ANNS, key))
    await say(database, Outcome.NAME_MISMATCH)
    await request(database, of(BENS, key))
    assert await outcome(database) is None
    assert await due(database) == [ZHEJIANG]
    await say(database, Outcome.MATCH)
    assert await outcome(database) is Outcome.MATCH


async def test_an_answer_to_a_claim_replaced_meanwhile_is_dropped(database: Database, key: DataKey):
    await request(database, of(ANNS, key))
    await say(database, Outcome.NAME_MISMATCH, of(BENS, key))
    assert await outcome(database) is None
    assert await due(database) == [ZHEJIANG]  # the present claim is still to be asked


async def followed(database: Database) -> tuple[set[str], list[str]]:
    """The kinds of work that wait, and of whom something is noted as wrong."""
    async with database.reading() as connection:
        queued = (await connection.execute(select(work.c.kind))).scalars()
        noted = (await connection.execute(select(problem_findings.c.subject_id))).scalars()
        return set(queued), list(noted)


async def test_nothing_follows_from_an_answer_that_is_dropped(database: Database, key: DataKey):
    await request(database, of(ANNS, key))
    await say(database, Outcome.NAME_MISMATCH, of(BENS, key))
    assert await followed(database) == ({ZHEJIANG}, [])
    await say(database, Outcome.NAME_MISMATCH)
    assert await followed(database) == ({"decide", GATHER, SEEK}, ["child"])


async def test_a_claim_that_is_wrong_now_is_answered_at_once_and_asked_when_put_right(
    database: Database, key: DataKey
):
    await request(database, of(ANNS, key), of(WRONG, key))
    assert await outcome(database) is Outcome.INVALID_CLAIM
    await request(database, of(ANNS, key))
    assert await outcome(database) is None
    async with database.reading() as connection:
        kept = (await connection.execute(select(verifications.c.sealed_claim))).scalar_one()
    assert kept is not None
