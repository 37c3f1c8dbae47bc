"""Looks are counted by person, purpose and window; one too many stops the person, and only them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.access.facts import Facts
from gateway.access.looks.looking import Look
from gateway.access.looks.stops import Scope, list_stops, release
from gateway.access.looks.tables import honey_records
from gateway.access.looks.thresholds import (
    InvalidThresholds,
    Signal,
    Thresholds,
    compile_thresholds,
    load_thresholds,
)
from gateway.access.refusals import Stopped
from gateway.access.vocabulary import Operation, Purpose, Reach, Role
from gateway.people.walking import look_at
from gateway.sealing import Sealer
from tests.access.desk import Desk

FEW = dict.fromkeys(Purpose, Thresholds(children=5, case=4, neighbours=2, off_hours=3))
SEALER = Sealer(bytes(32), bytes(range(32)))
HEADER = "purpose,children,case,neighbours,off_hours"


@pytest.fixture
def desk(desk_on_each_engine: Desk) -> Desk:
    access = desk_on_each_engine.access
    access.looks = replace(access.looks, thresholds=FEW)
    return desk_on_each_engine


async def look(desk: Desk, *seen: Look | str, **told: str) -> None:
    """Be admitted as a clerk, and be shown these children."""
    facts = Facts(
        await desk.bearer(Role.CLERK),
        "trace-1",
        **{"purpose": "enrolment", "case": "2026-1", "user": "li", **told},
    )
    grant = await desk.access.admit(facts, Operation.HANDOVER_READ)
    children = [Look(one) if isinstance(one, str) else one for one in seen]
    async with desk.database.transaction() as connection:
        await desk.access.looks.note(connection, grant, children)


async def signals(desk: Desk) -> list[Signal]:
    everywhere = Scope(Reach.PROVINCE, "99")
    async with desk.database.reading() as connection:
        found = await list_stops(connection, everywhere, standing=True, before="", limit=9)
    return [one.signal for one in found]


def numbered(count: int) -> Sequence[str]:
    return [f"child {number}" for number in range(count)]


async def test_one_child_too_many_stops_the_person_and_nobody_else(desk: Desk):
    for number, child in enumerate(numbered(5)):
        await look(desk, child, case=f"2026-{number}")
    assert await signals(desk) == []
    await look(desk, "child 5", case="2026-6")
    assert await signals(desk) == [Signal.CHILDREN]
    desk.clock.advance(2)
    with pytest.raises(Stopped):
        await look(desk, "child 0", user="LI%20")
    await look(desk, "child 0", user="wang")
    written = [(one["action"], one["outcome"]) for one in await desk.entries()]
    assert ("access.stopped", "stopped") in written
    assert ("access.denied", "stopped") in written


async def test_the_same_child_again_is_no_other_child(desk: Desk):
    for _ in range(20):
        await look(desk, "child 1", case="another")
    assert await signals(desk) == []


async def test_each_purpose_is_counted_for_itself(desk: Desk):
    await look(desk, *numbered(3))
    grant_of_another = dict.fromkeys(Purpose, Thresholds(99, 99, 99, 99))
    desk.access.looks = replace(desk.access.looks, thresholds=grant_of_another)
    await look(desk, *numbered(4))
    assert await signals(desk) == []


async def test_many_children_under_one_case_stop(desk: Desk):
    await look(desk, *numbered(4))
    assert await signals(desk) == []
    await look(desk, "child 4")
    assert await signals(desk) == [Signal.CASE]


async def test_many_outside_office_hours_stop(desk: Desk):
    await look(desk, "by day", case="2026-9")
    desk.clock.advance(9 * 3600)  # one in the morning in Beijing
    for number in range(3):
        await look(desk, f"child {number}", case=f"2026-{number}")
    assert await signals(desk) == []
    await look(desk, "child 3", case="2026-3")
    assert await signals(desk) == [Signal.OFF_HOURS]


async def test_walking_through_numbers_stops(desk: Desk):
    walked = [f"G99999920180101{order:03d}X" for order in (1, 2, 4)]
    for place, number in enumerate(walked):
        await look(desk, look_at(number, SEALER), case=f"2026-{place}")
    # The first had no neighbour yet when it was asked for.
    assert await signals(desk) == []
    await look(desk, look_at("G99999920180101006X", SEALER), case="2026-9")
    assert await signals(desk) == [Signal.NEIGHBOURS]


@pytest.mark.parametrize("number", ["1234567890123456", "LG1", "G99999920180101001"])
def test_a_number_of_no_known_form_has_no_neighbours(number: str):
    assert look_at(number, SEALER).neighbours == frozenset()


async def test_who_opens_a_record_that_nobody_has_reason_to_open_is_stopped_at_once(desk: Desk):
    placed = {"child": "honey", "placed_by": "operator", "placed_at": desk.clock.now()}
    async with desk.database.transaction() as connection:
        await connection.execute(honey_records.insert(), placed)
    await look(desk, "child 1", "honey")
    assert await signals(desk) == [Signal.HONEY]


async def test_what_is_past_the_window_counts_no_more(desk: Desk):
    await look(desk, *numbered(4))
    desk.clock.advance(24 * 3600)
    await look(desk, "child 4")
    assert await signals(desk) == []
    async with desk.database.transaction() as connection:
        assert await desk.access.looks.forget(connection) == 4


async def test_after_the_release_counting_begins_anew(desk: Desk):
    await look(desk, *numbered(6))
    everywhere = Scope(Reach.PROVINCE, "99")
    async with desk.database.transaction() as connection:
        (made,) = await list_stops(connection, everywhere, standing=True, before="", limit=9)
        await release(connection, made.stop_id, "wang", "a class of twins", desk.clock.now())
    desk.clock.advance(2)
    await look(desk, "child 7", "child 8")
    assert await signals(desk) == []


async def test_a_system_that_names_no_person_is_counted_as_itself(desk: Desk):
    await look(desk, *numbered(6), user="")
    desk.clock.advance(2)
    with pytest.raises(Stopped):
        await look(desk, "child 1", user="")


def test_the_shipped_table_watches_every_purpose():
    assert set(load_thresholds()) == set(Purpose)


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, "enrolment,1,1,1,1"],
        [HEADER, *(f"{purpose},1,1,1,many" for purpose in Purpose)],
        [HEADER, *(f"{purpose},1,1,1,-1" for purpose in Purpose)],
        ["purpose,children", *(f"{purpose},1" for purpose in Purpose)],
        [HEADER, *(f"{purpose},1,1,1,1" for purpose in Purpose), "gossip,1,1,1,1"],
    ],
)
def test_a_table_that_leaves_somebody_unwatched_is_refused(rows: Sequence[str]):
    with pytest.raises(InvalidThresholds):
        compile_thresholds(rows)
