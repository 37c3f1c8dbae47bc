"""What Jisui does to a child's record is told in the transaction that does it."""

from itertools import product

import pytest

from contracts.events import Event
from gateway.access.vocabulary import Role
from gateway.feed.recording import Recorder
from gateway.intake.changes import event_of
from gateway.intake.rules.states import TRANSITIONS, State
from tests.feed.sources.conftest import Staged
from tests.feed.sources.told import events, listen, told
from tests.intake.test_choosing import address
from tests.intake.village import KINDERGARTEN, SCHOOL, Village

# Every state that a record's life in the primary register leads to, and what it is to a province.
REACHED = {
    (State.ACCEPTED, State.CARRIED): Event.CARRIED,
    (State.HELD, State.CARRIED): Event.CARRIED,
    (State.SEARCHING, State.CARRIED): Event.CARRIED,
    (State.REGISTERED, State.CARRIED): Event.APPROVAL_REOPENED,
    (State.RETURNED, State.CARRIED): Event.APPROVAL_REOPENED,
    (State.CARRIED, State.REGISTERED): Event.APPROVED,
    (State.CARRIED, State.RETURNED): Event.RETURNED,
    (State.CARRIED, State.REVERSED): Event.CARRY_REVERSED,
    (State.RETURNED, State.REVERSED): Event.CARRY_REVERSED,
    (State.LISTED, State.NO_SHOW): Event.NO_SHOW,
}


def test_each_transition_is_the_change_it_should_be_or_none() -> None:
    moves = {
        (before.state, after)
        for moves in TRANSITIONS.values()
        for before, after in moves.items()
        if before.state is not after
    }
    assert {move: event_of(*move) for move in moves if event_of(*move)} == REACHED


def test_staying_where_one_is_tells_nothing() -> None:
    assert not any(event_of(a, b) for a, b in product(State, State) if a is b)


async def test_a_carry_is_told_once_with_both_schools(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village, automatic_acceptance=True)
    await listen(stage)
    await stage.submit([child.row()])
    await stage.work()
    stage.clock.advance(120)
    await stage.work()  # both registers tell of what we wrote
    (carried,) = await told(stage)
    assert (carried.event, carried.source) == ("carried", "jisui")
    assert (carried.school_from, carried.school_to) == (KINDERGARTEN, SCHOOL)


async def test_a_reversal_leads_back_to_the_kindergarten_and_to_the_same_child(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True)
    await listen(stage)
    await stage.submit([child.row()])
    await stage.work()
    await stage.ask("POST", f"{await address(stage)}/reversal", Role.LEADER, json={"reason": "误"})
    await stage.work()
    stage.clock.advance(120)
    await stage.work()
    carried, reversed_ = await told(stage)
    assert reversed_.event == "carry_reversed"
    assert (reversed_.school_from, reversed_.school_to) == (SCHOOL, KINDERGARTEN)
    assert carried.person_id == reversed_.person_id


async def test_a_mismatch_opens_a_problem_that_its_province_hears_of(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.population[0]["XM"] = "另一人"
    stage = await staged(village, automatic_acceptance=True)
    await listen(stage)
    await stage.submit([child.row()])
    await stage.work()
    assert sorted(await events(stage)) == ["carried", "problem_opened"]
    assert len({one.person_id for one in await told(stage)}) == 1


async def test_a_change_that_cannot_be_recorded_is_not_made(
    staged: Staged, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True)
    await listen(stage)
    await stage.submit([child.row()])

    async def fail(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Recorder, "record", fail)
        with pytest.raises(ConnectionError):
            await stage.work()
    assert "carried" not in (await stage.situations()).values()
