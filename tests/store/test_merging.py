"""Two persons merged: every number of either leads to the one in force, with the reasons."""

import secrets
from datetime import UTC, datetime

from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.identifiers import Identifiers
from gateway.people.erasing import load_known
from gateway.people.merging import Merging
from gateway.people.numbers import Chain, People
from gateway.sealing import Sealer

NOW = datetime(2026, 9, 1, tzinfo=UTC)
LATER = datetime(2026, 10, 1, tzinfo=UTC)
SEALER = Sealer(b"f" * 32, b"i" * 32)
TEMPORARY, FORMAL, OTHER = "L999999201903010012", "G999999201903010012", "G999999201903010039"


def people() -> People:
    return People(SEALER, Identifiers(VirtualClock(NOW), secrets.token_bytes))


async def chain(store: Database, number: str) -> Chain:
    async with store.reading() as connection:
        found = await people().resolve(connection, number)
    assert found is not None
    return found


async def two_persons(store: Database) -> tuple[str, str]:
    """One with a temporary number made formal, and one with a number alone."""
    async with store.transaction() as connection:
        await people().adopt(connection, [TEMPORARY, OTHER], "preschool", NOW)
        await people().renumber(
            connection, TEMPORARY, FORMAL, at=NOW, reason="formal", decider="county"
        )
    return (await chain(store, FORMAL)).person_id, (await chain(store, OTHER)).person_id


async def test_every_number_of_a_merged_person_leads_to_the_others(database: Database) -> None:
    gone, kept = await two_persons(database)
    merging = Merging(people(), SEALER)
    async with database.transaction() as connection:
        done = await merging.merge(connection, gone, kept, at=LATER, decider="province.li")
    assert done is not None
    assert (done.person_id, done.reason) == (kept, "merged")
    assert done.told == {"from": FORMAL, "to": OTHER}
    for number in (TEMPORARY, FORMAL, OTHER):
        found = await chain(database, number)
        assert (found.person_id, found.current) == (kept, OTHER)
        assert [step.number for step in found.steps] == [TEMPORARY, FORMAL, OTHER]
        assert [step.until_at for step in found.steps] == [NOW, LATER, None]
        assert [step.reason for step in found.steps] == ["merged", "merged", "first_read"]
    async with database.reading() as connection:
        assert (await load_known(connection, kept)).persons == {kept, gone}


async def test_what_is_one_already_or_has_no_number_is_not_merged(database: Database) -> None:
    gone, kept = await two_persons(database)
    merging = Merging(people(), SEALER)
    async with database.transaction() as connection:
        for one, other in ((gone, gone), (gone, "nobody"), ("nobody", kept)):
            assert await merging.merge(connection, one, other, at=LATER, decider="x") is None
    assert (await chain(database, TEMPORARY)).current == FORMAL
