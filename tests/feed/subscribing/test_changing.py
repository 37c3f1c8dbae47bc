"""Another filter back-fills what it newly covers and withdraws what it no longer covers, once."""

import asyncio
from datetime import timedelta

import pytest

from contracts.events import Event, Stage
from gateway.feed.subscribing.steering import NotNow
from gateway.sequence.lease import LEASE_SECONDS
from tests.feed.province import HERE, THERE, change, children, publish, read, record
from tests.feed.subscribing.office import Office, terms

THERE_TOO = terms("33", "44")


async def test_a_wider_area_is_filled_with_the_current_state_of_its_children(
    office: Office,
) -> None:
    here, there, moved = await children(office.store, 3)
    granted, _ = await office.grant(terms("33"))
    await record(office.store, [change(here), change(there, before=THERE, after=THERE)])
    await record(office.store, [change(there, Event.RESUMED, before=THERE, after=THERE)])
    await record(office.store, [change(moved, Event.MOVED_IN, before=THERE, after=HERE)])
    await office.publish()
    await office.steer("change", granted, THERE_TOO)
    await office.publish()
    told = await office.told(granted)
    assert sorted(told[:2]) == [("change", "moved_in", "to"), ("change", "suspended", "both")]
    assert sorted(told[2:]) == [("backfill", "moved_in", "both"), ("backfill", "resumed", "both")]


async def test_a_narrower_area_withdraws_what_it_leaves(office: Office) -> None:
    here, there = await children(office.store, 2)
    granted, _ = await office.grant(THERE_TOO)
    await record(office.store, [change(here), change(there, before=THERE, after=THERE)])
    await office.publish()
    await office.steer("change", granted, terms("33"))
    await office.publish()
    await record(office.store, [change(there, Event.RESUMED, before=THERE, after=THERE)])
    await office.publish()
    assert await office.told(granted) == [
        ("change", "suspended", "both"),
        ("change", "suspended", "both"),
        ("withdrawal", "suspended", "both"),
    ]
    withdrawal = await read(office.store, granted, after=2)
    assert b'"type":"cn.jisui.status.withdrawn.v1"' in withdrawal
    assert THERE.school.encode() not in withdrawal


async def test_fewer_events_withdraw_the_last_one_and_restate_what_is_left(
    office: Office,
) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(terms("33"))
    await record(office.store, [change(child), change(child, Event.RESUMED)])
    await office.publish()
    await office.steer("change", granted, terms("33", events=("suspended",)))
    await office.publish()
    assert (await office.told(granted))[2:] == [
        ("withdrawal", "resumed", "both"),
        ("backfill", "suspended", "both"),
    ]


async def test_another_stage_is_filled_too_and_the_same_terms_add_nothing(office: Office) -> None:
    (child,) = await children(office.store, 1)
    granted, _ = await office.grant(terms("33", stages=("primary",)))
    await record(office.store, [change(child, Event.GRADUATED, Stage.PRESCHOOL)])
    await office.publish()
    await office.steer("change", granted, terms("33"))
    await office.steer("change", granted, terms("33"))
    await office.publish()
    assert await office.told(granted) == [("backfill", "graduated", "both")]


async def test_an_order_is_carried_out_once_by_whoever_leads(office: Office) -> None:
    made = await children(office.store, 5)
    granted, _ = await office.grant(terms("44"))
    await record(office.store, [change(child) for child in made])
    await office.publish()
    await office.steer("change", granted, THERE_TOO)
    later = office.clock.now() + timedelta(seconds=LEASE_SECONDS)
    await asyncio.gather(*(publish(office.store, f"leader {place}", later) for place in range(3)))
    office.clock.set(later)
    await office.publish("a successor")
    assert await office.told(granted) == [("backfill", "suspended", "both")] * 5
    actions = [action for action, _ in await office.recorded()]
    assert actions == ["subscription.granted", "subscription.changed"]


async def test_what_is_stopped_is_changed_no_more(office: Office) -> None:
    granted, _ = await office.grant(terms("33"))
    await office.steer("stop", granted)
    for step in (
        ("change", THERE_TOO),
        ("suspend", "late"),
        ("stop",),
    ):
        with pytest.raises(NotNow):
            await office.steer(step[0], granted, *step[1:])
