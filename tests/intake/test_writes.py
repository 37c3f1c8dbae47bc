"""The two foreign writes: which day the mark carries, and where a refused write waits."""

from datetime import date, timedelta

import pytest

from contracts.errors import ClosingRefused, Malformed, SystemFailure, Unavailable
from gateway.intake.rules.writes import Plan, Write, refused, sent
from gateway.intake.tables import candidates
from tests.intake.conftest import Staged
from tests.intake.lone import NOW, handover
from tests.intake.village import Village

TODAY = date(2026, 9, 3)


@pytest.mark.parametrize(
    ("write", "failure", "situation"),
    [
        (Write.CREATE, Malformed("student_status", "create"), "held:unmapped_code"),
        (Write.CLOSE, Malformed("preschool", "close"), "held:closing_refused"),
        (Write.CLOSE, ClosingRefused("preschool", "close"), "held:closing_refused"),
        (Write.CREATE, Unavailable("student_status", "create"), "accepted"),
    ],
)
def test_what_is_called_wrong_waits_for_a_person_and_what_failed_is_tried_again(
    write: Write, failure: SystemFailure, situation: str
) -> None:
    leaving = sent(handover("accepted"), Plan(write, reconcile=False), TODAY)
    after = refused(leaving, Plan(write, reconcile=False), failure, NOW)
    assert (str(after.situation), after.writing) == (situation, None)


def test_a_question_called_wrong_leaves_an_unknown_outcome_unknown() -> None:
    unknown = handover("held:outcome_unknown", writing="create")
    asked = Plan(Write.CREATE, reconcile=True)
    assert refused(unknown, asked, Malformed("student_status", "create"), NOW) == unknown


def test_the_mark_keeps_the_day_of_its_first_intent() -> None:
    first = sent(handover("accepted"), Plan(Write.CLOSE, reconcile=False), TODAY)
    again = sent(first, Plan(Write.CLOSE, reconcile=False), TODAY + timedelta(days=1))
    assert (first.advanced_on, again.advanced_on) == ("2026-09-03", "2026-09-03")
    assert (
        sent(handover("accepted"), Plan(Write.CREATE, reconcile=False), TODAY).advanced_on is None
    )


async def test_a_mark_sent_again_on_another_day_says_the_same(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True)
    await stage.set_fault("preschool", {"kind": "http_500", "operation": "advance"})
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:outcome_unknown"}
    await stage.set_fault("preschool")
    stage.clock.advance(24 * 3600)
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    marks = [call["question"] for call in await stage.requests("preschool", "advance")]
    assert len(marks) > 1
    assert all(mark == marks[0] for mark in marks)


async def test_of_a_carried_child_only_the_record_it_was_matched_with_is_kept(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.record(child, "注销", 学籍号="G" + "9" * 18)
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    carried = await stage.handover("1")
    assert str(carried.situation) == "carried"
    async with stage.ground.database.reading() as connection:
        kept = (await connection.execute(candidates.select())).all()
    assert [row.record_id for row in kept] == [carried.matched_record]
