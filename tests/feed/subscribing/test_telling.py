"""What an event tells beyond its change: fields by policy, corrections, tickets, tombstones."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from contracts.events import Event, load_vocabulary
from gateway.feed.rendering import encode
from gateway.feed.subscribing.erasing import Erasing
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.steering import Choice
from gateway.feed.subscribing.tickets import Tickets
from gateway.sealing import destroy_key
from tests.feed.province import HERE, NOW, SEALER, THERE, Child, change, children, read, record
from tests.feed.subscribing.office import Office, terms

NAMED = terms("33", fields="supervision", approval="浙教〔2026〕1号")
NUMBER = "G999999201903010012"


def told(child: Child, event: Event = Event.KEY_DATA_CHANGED, **detail: str) -> Any:
    return replace(change(child, event), detail=detail)


async def events(office: Office, subscription_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await read(office.store, subscription_id))
    return found


async def test_fields_are_told_by_policy_and_numbers_never(office: Office) -> None:
    (child,) = await children(office.store, 1)
    thin, _ = await office.grant(terms("33"))
    named, _ = await office.grant(NAMED)
    await record(office.store, [told(child, name="欧阳小明", number=NUMBER, born_on="2019-03-01")])
    await office.publish()
    (event,) = await events(office, named)
    assert event["data"]["fields"] == {"name": "欧**", "born_on": "2019", "number": True}
    body = await read(office.store, thin) + await read(office.store, named)
    for personal in ("欧阳", NUMBER, NUMBER[1:], "2019-03-01"):
        assert personal.encode() not in body
    assert "fields" not in (await events(office, thin))[0]["data"]


async def test_a_correction_goes_from_what_this_subscriber_last_received(office: Office) -> None:
    (child,) = await children(office.store, 1)
    early, _ = await office.grant(NAMED)
    await record(office.store, [told(child, name="王一", number=NUMBER)])
    await office.publish()
    late, _ = await office.grant(NAMED)
    await record(office.store, [told(child, name="王二", number=NUMBER)])
    await record(office.store, [told(child, Event.SUSPENDED, name="王三")])
    await office.publish()
    first, second, third = [
        event["data"].get("corrects", []) for event in await events(office, early)
    ]
    assert [(one["field"], one["old"]) for one in first] == [("name", None), ("number", None)]
    assert [(one["field"], one["old"]) for one in second] == [("name", first[0]["new"])]
    assert third[0]["old"] == second[0]["new"]
    other = [event["data"].get("corrects", []) for event in await events(office, late)]
    assert [one["old"] for one in other[0]] == [None, None]
    assert other[0][0]["new"] != second[0]["new"]


async def test_the_policy_of_a_number_is_the_one_it_was_given_under(office: Office) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(terms("33"))
    await record(office.store, [told(child, name="王一")])
    await office.publish()
    before = await read(office.store, granted)
    await office.steer("change", granted, NAMED)
    await office.publish()
    await record(office.store, [told(child, name="王二")])
    await office.publish()
    assert (await read(office.store, granted)).startswith(before[:-1])
    assert "fields" in (await events(office, granted))[-1]["data"]


async def test_a_newcomer_comes_with_a_ticket_once_and_residents_come_without(
    office: Office,
) -> None:
    resident, newcomer = await children(office.store, 2)
    granted, _ = await office.grant(terms("33"))
    other, _ = await office.grant(terms("44"))
    moving = change(newcomer, Event.MOVED_IN, before=THERE, after=HERE)
    await record(office.store, [change(resident)])
    await record(office.store, [moving, change(newcomer)])
    await office.publish()
    tickets = {
        event["data"]["label"]: event["data"].get("claimTicket")
        for event in await events(office, granted)
    }
    assert tickets["休学"] is None
    assert tickets["转入"]["school"] == HERE.school
    number = next(
        int(event["sequence"])
        for event in await events(office, granted)
        if event["data"]["label"] == "转入"
    )
    assert Tickets(SEALER).read(tickets["转入"]["ticket"]) == (granted, number)
    assert all("claimTicket" not in event["data"] for event in await events(office, other))


async def test_who_comes_back_is_no_newcomer(office: Office) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(terms("33"))
    arriving = change(child, Event.MOVED_IN, before=THERE, after=HERE)
    leaving = change(child, Event.MOVED_OUT, before=HERE, after=THERE)
    await record(office.store, [arriving, leaving, arriving])
    await office.publish()
    ticketed = ["claimTicket" in event["data"] for event in await events(office, granted)]
    assert ticketed == [True, False, False]


def test_only_our_own_tickets_are_read() -> None:
    ticket = Tickets(SEALER).write("0" * 32, 7)
    assert Tickets(SEALER).read(ticket) == ("0" * 32, 7)
    assert Tickets(SEALER).write("0" * 32, 7) == ticket
    changed = ticket[:10] + ("A" if ticket[10] != "A" else "B") + ticket[11:]
    for text in ("", "jct_", "jct_!", "jct_AAAA", ticket[4:], changed, ticket[:-4], "订阅"):
        assert Tickets(SEALER).read(text) is None


async def test_an_erased_child_leaves_tombstones_and_all_else_stays_as_it_was(
    office: Office,
) -> None:
    gone, stays = await children(office.store, 2)
    granted, _ = await office.grant(NAMED)
    await record(office.store, [told(gone, name="王一"), told(stays, name="李一")])
    await record(office.store, [change(stays), told(gone, Event.SUSPENDED, name="王二")])
    await office.publish()
    before = await events(office, granted)
    erasing = Erasing(SEALER, load_vocabulary(), load_field_policies())
    async with office.store.transaction() as connection:
        assert await erasing.erase(connection, gone.person_id) == 2
        assert await erasing.erase(connection, gone.person_id) == 0
        await destroy_key(connection, gone.key_id, NOW)
    after = await events(office, granted)
    tombs = 0
    for old, new in zip(before, after, strict=True):
        if "erased" not in new["data"]:
            assert new == old
            continue
        digest = sha256(encode(old["data"]).encode()).hexdigest()
        assert new == old | {"data": {"erased": True, "sha256": digest}}
        tombs += 1
    assert tombs == 2


async def test_a_key_that_went_alone_leaves_a_tombstone_without_a_hash(office: Office) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(NAMED)
    await record(office.store, [told(child, name="王一")])
    await office.publish()
    async with office.store.transaction() as connection:
        await destroy_key(connection, child.key_id, NOW)
    (event,) = await events(office, granted)
    assert event["data"] == {"erased": True, "sha256": ""}


async def test_what_was_restated_reads_the_same_and_is_marked(office: Office) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(NAMED)
    await office.steer("suspend", granted, "x")
    await record(office.store, [told(child, name="王一"), told(child, name="王二")])
    await office.publish()
    before = await read(office.store, granted)
    await office.steer("resume", granted, Choice.LATEST_PER_CHILD)
    await office.publish()
    assert (await read(office.store, granted)).startswith(before[:-1])
    last = (await events(office, granted))[-1]["data"]
    assert (last["reason"], last["fields"]) == ("latest", {"name": "王**"})
    assert "corrects" not in last
