"""A child is erased for good: nobody reads it any more, each is told, the evidence stands."""

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from contracts.events import Event, load_vocabulary
from gateway.evidence import Action, Entry, Log, Subject
from gateway.evidence.tables import entries
from gateway.feed.recording import Recorder
from gateway.feed.subscribing.erasing import Erasing
from gateway.feed.subscribing.erasure import (
    Decided,
    Erased,
    Erasure,
    NobodyToErase,
    OneAlone,
    change_keys,
)
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.identifiers import Identifiers
from gateway.people.erasing import person_keys
from gateway.people.numbers import NUMBER, People, load_persons
from gateway.people.tables import persons
from gateway.sealing import load_keys
from tests.feed.province import HERE, SEALER, THERE, Child, change, read, record
from tests.feed.subscribing.office import OPERATOR, Office, terms

DECIDED = Decided(OPERATOR, "county.li", "浙教〔2026〕9号")
THE_NUMBER = "G999999201903010012"
NAMED = terms("33", fields="supervision", approval="浙教〔2026〕1号")


def log_of(office: Office) -> Log:
    return Log("test", office.clock, Identifiers(office.clock, secrets.token_bytes))


def erasure_of(office: Office) -> Erasure:
    erasing = Erasing(SEALER, load_vocabulary(), load_field_policies())
    recorder = Recorder(office.clock, Identifiers(office.clock, secrets.token_bytes))
    traces = (person_keys, change_keys)
    return Erasure(office.store, office.clock, log_of(office), recorder, erasing, traces)


async def known_child(office: Office, number: str = THE_NUMBER) -> Child:
    """A child the index knows by its number, and the evidence by an entry."""
    people = People(SEALER, Identifiers(office.clock, secrets.token_bytes))
    async with office.store.transaction() as connection:
        await people.adopt(connection, [number], "preschool", office.clock.now())
        index = SEALER.index(NUMBER, number)
        person_id = (await load_persons(connection, [index]))[index]
        mine = select(persons.c.key_id).where(persons.c.person_id == person_id)
        key_id = (await connection.execute(mine)).scalar_one()
        key = (await load_keys(connection, [key_id], SEALER))[key_id]
        subject = Subject(SEALER.index("child", person_id), key_id, key, {"name": "王一"}, 1)
        entry = Entry(Action.RECORD_VIEWED, "done", OPERATOR, "", "", "", person_id, "", (subject,))
        await log_of(office).append(connection, [entry])
    return Child(person_id, key_id, key)


async def events(office: Office, subscription_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await read(office.store, subscription_id))
    return found


async def written(office: Office) -> list[bytes]:
    query = select(entries.c.canonical).order_by(entries.c.entry_id)
    async with office.store.reading() as connection:
        return list((await connection.execute(query)).scalars())


async def test_nobody_reads_an_erased_child_any_more_and_each_province_is_told(
    office: Office,
) -> None:
    child, other = await known_child(office), await known_child(office, "G999999201903010039")
    named, _ = await office.grant(NAMED)
    there, _ = await office.grant(terms("44"))
    moving = change(child, Event.MOVED_OUT, before=HERE, after=THERE)
    await record(office.store, [replace(change(child), detail={"name": "王一"}), moving])
    await record(office.store, [replace(change(other), detail={"name": "李一"})])
    await office.publish()
    before = await written(office)
    assert await erasure_of(office).erase(child.person_id, DECIDED) == Erased(1, 3)
    await office.publish()
    for granted, places in ((named, 3), (there, 1)):
        told = await events(office, granted)
        (last,) = [event for event in told if event["type"] == "cn.jisui.status.erased.v1"]
        theirs = [event for event in told if event["subject"] == last["subject"]]
        assert theirs[-1] is last
        assert all(event["data"]["erased"] for event in theirs[:-1])
        assert len(told) - 1 == places
        assert "王" not in json.dumps(told, ensure_ascii=False)
    assert "李**" in (await read(office.store, named)).decode()
    after = await written(office)
    assert after[: len(before)] == before
    assert b'"approver":"county.li"' in after[-1]


async def test_what_was_erased_comes_into_no_stream_again(office: Office) -> None:
    child = await known_child(office)
    await record(office.store, [change(child)])
    await office.publish()
    await record(office.store, [change(child, Event.RESUMED)])
    await erasure_of(office).erase(child.person_id, DECIDED)
    await office.publish()
    late, _ = await office.grant(terms("44"))
    await office.steer("change", late, terms("33", "44"))
    await office.publish()
    assert [event["type"] for event in await events(office, late)] == ["cn.jisui.status.erased.v1"]


async def test_a_number_of_an_erased_child_leads_to_nobody(office: Office) -> None:
    child = await known_child(office)
    await erasure_of(office).erase(child.person_id, DECIDED)
    people = People(SEALER, Identifiers(office.clock, secrets.token_bytes))
    async with office.store.reading() as connection:
        assert await people.resolve(connection, THE_NUMBER) is None
        assert await load_keys(connection, [child.key_id], SEALER) == {}
    with pytest.raises(NobodyToErase):
        await erasure_of(office).erase(child.person_id, DECIDED)
    assert (await known_child(office)).person_id != child.person_id


@pytest.mark.parametrize(
    ("approver", "approval"),
    [("operator", "浙教〔2026〕9号"), (" Operator ", "浙教〔2026〕9号"), ("", "x"), ("li", "")],
)
async def test_an_erasure_needs_somebody_else_and_a_reference(
    office: Office, approver: str, approval: str
) -> None:
    child = await known_child(office)
    with pytest.raises(OneAlone):
        await erasure_of(office).erase(child.person_id, Decided(OPERATOR, approver, approval))
    async with office.store.reading() as connection:
        assert child.key_id in await load_keys(connection, [child.key_id], SEALER)
