"""Whose turn it is: owners by situation, deadlines in working days, the line of escalation."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.records import Institution
from gateway.intake.rules.situations import load_wordings
from gateway.intake.rules.states import Hold, Situation, State
from gateway.intake.rules.turns import Turns, above
from gateway.intake.steps import deadlines
from gateway.sealing import destroy_key
from gateway.working_days import WorkingDays
from tests.intake.conftest import Staged
from tests.intake.lone import handover
from tests.intake.village import (
    CLOSED_KINDERGARTEN,
    COUNTY,
    KINDERGARTEN,
    OTHER_COUNTY,
    OTHER_KINDERGARTEN,
    SCHOOL,
    Village,
)

TODAY = date(2026, 9, 3)
TURNS = Turns(load_wordings(), WorkingDays())


def place(code: str, county: str, status: str = "open") -> Institution:
    return Institution(code, "", "", county, f"{county}000000", status)


PLACES = {
    SCHOOL: place(SCHOOL, COUNTY),
    KINDERGARTEN: place(KINDERGARTEN, OTHER_COUNTY),
    CLOSED_KINDERGARTEN: place(CLOSED_KINDERGARTEN, OTHER_COUNTY, "closed"),
}
OWNERS = {
    "listed": f"school:{SCHOOL}",
    "no_show": f"county:{COUNTY}",
    "searching": "automatic",
    "offered": f"school:{SCHOOL}",
    "accepted": "automatic",
    "carried": "end",
    "returned": f"school:{SCHOOL}",
    "create_new": f"school:{SCHOOL}",
    "held:not_graduated": f"kindergarten:{KINDERGARTEN}",
    "held:in_transfer": f"kindergarten:{KINDERGARTEN}",
    "held:preschool_pending": f"county:{OTHER_COUNTY}",
    "held:preschool_cancelled": f"county:{COUNTY}",
    "held:closing_refused": f"county:{OTHER_COUNTY}",
    "held:claimed_elsewhere": f"county:{COUNTY}",
    "held:identity_review": f"county:{COUNTY}",
    "held:unmapped_code": "crosswalk_owner",
    "held:window_closed": "nobody",
}


@pytest.mark.parametrize(("situation", "owner"), OWNERS.items())
def test_each_situation_has_its_owner(situation: str, owner: str) -> None:
    assert TURNS.assign(handover(situation), KINDERGARTEN, PLACES, TODAY).owner == owner


def test_for_a_closed_kindergarten_its_county_acts() -> None:
    held = handover("held:not_graduated")
    assert TURNS.assign(held, CLOSED_KINDERGARTEN, PLACES, TODAY).owner == f"county:{OTHER_COUNTY}"


def test_every_situation_is_worded_and_what_waits_for_people_has_a_deadline() -> None:
    every = {Situation(state) for state in State if state is not State.HELD}
    every |= {Situation(State.HELD, hold) for hold in Hold}
    wordings = load_wordings()
    assert set(wordings) == every == set(load_wordings(county_approval=True))
    unhurried = {"end", "automatic", "nobody"}
    for situation, wording in wordings.items():
        waits = wording.turn[0] not in unhurried and situation.state is not State.LISTED
        assert (wording.working_days is not None) >= waits, str(situation)


def test_all_holds_but_those_about_admission_reassure_the_school() -> None:
    doubtful = {Hold.ADMISSION_UNCONFIRMED, Hold.CLAIMED_ELSEWHERE, Hold.ALREADY_ENROLLED}
    for situation, wording in load_wordings().items():
        if situation.hold:
            reassured = "不影响孩子入学" in wording.clerk_zh
            assert reassured == (situation.hold not in doubtful), str(situation)


ESCALATIONS = [
    (f"kindergarten:{KINDERGARTEN}", f"county:{OTHER_COUNTY}"),
    (f"school:{SCHOOL}", f"county:{COUNTY}"),
    (f"county:{OTHER_COUNTY}", "province:990000"),
    ("province:990000", "province:990000"),
    ("crosswalk_owner", "crosswalk_owner"),
]


@pytest.mark.parametrize(("owner", "next_owner"), ESCALATIONS)
def test_escalation_goes_along_the_owners_own_line(owner: str, next_owner: str) -> None:
    assert above(owner, PLACES) == next_owner


CALENDAR = [
    # the day a wait begins, working days, the day it ends
    (date(2026, 9, 3), 1, date(2026, 9, 4)),
    (date(2026, 9, 4), 1, date(2026, 9, 7)),  # over a weekend
    (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over the National Day holidays
    (date(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday that is worked
    (date(2026, 9, 3), 0, date(2026, 9, 3)),
]


@pytest.mark.parametrize(("begins", "days", "ends"), CALENDAR)
def test_days_are_counted_as_the_state_council_announced(
    begins: date, days: int, ends: date
) -> None:
    assert WorkingDays().after(begins, days) == ends


def test_an_announced_day_outranks_the_calendar() -> None:
    announced = WorkingDays({date(2026, 9, 4): False, date(2026, 9, 5): True})
    assert announced.after(date(2026, 9, 3), 1) == date(2026, 9, 5)


@given(st.dates(date(2024, 1, 1), date(2026, 11, 30)), st.integers(0, 15), st.integers(0, 15))
def test_waiting_twice_is_waiting_for_the_sum(day: date, first: int, second: int) -> None:
    days = WorkingDays()
    assert days.after(days.after(day, first), second) == days.after(day, first + second)


async def test_what_nobody_did_climbs_from_kindergarten_to_county_to_province(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园", 机构标识码=OTHER_KINDERGARTEN)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    owners = []
    for _ in range(3):
        held = await stage.handover("1")
        owners.append((held.owner, held.due_on, held.escalations))
        the_day_after = date.fromisoformat(str(held.due_on)) + timedelta(days=1)
        stage.clock.set(datetime.combine(the_day_after, time(4), UTC))
        await stage.work()
        stage.clock.advance(3600)
        await stage.work()
    # Mid-autumn and National Day lie between, and two weekend days that are worked instead.
    assert owners == [
        (f"kindergarten:{OTHER_KINDERGARTEN}", "2026-09-17", 0),
        (f"county:{OTHER_COUNTY}", "2026-10-09", 1),
        ("province:990000", "2026-10-23", 2),
    ]
    escalated = [e for e in await stage.entries() if e["action"] == "handover.escalated"]
    assert [e["outcome"] for e in escalated][:2] == [f"county:{OTHER_COUNTY}", "province:990000"]


async def test_a_child_that_never_came_is_the_countys_after_the_deadline(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village, reporting_deadline="2026-09-04")
    await stage.submit([child.row(是否报到="", 未报到原因="")])
    await stage.work()
    assert await stage.situations() == {"1": "listed"}
    stage.clock.advance(2 * 24 * 3600)
    await stage.work()
    assert await stage.situations() == {"1": "no_show"}
    assert (await stage.handover("1")).owner == f"county:{COUNTY}"


async def test_erased_children_keep_nobody_else_from_missing_the_deadline(
    staged: Staged, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 1)
    children = [village.child(serial) for serial in (1, 2, 3)]
    stage = await staged(village, reporting_deadline="2026-09-04")
    await stage.submit([child.row(是否报到="") for child in children])
    first = await stage.handover("1")
    async with stage.ground.database.transaction() as connection:
        await destroy_key(connection, first.key_id, stage.clock.now())
    stage.clock.advance(2 * 24 * 3600)
    await stage.work()
    assert await stage.situations() == {"1": "listed", "2": "no_show", "3": "no_show"}
