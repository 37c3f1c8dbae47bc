"""One pass over a chunk: nothing but the register's own word becomes an outcome."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.capabilities import Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    OutcomeUnknown,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)
from contracts.outcomes import Outcome
from gateway.calls.call import NotSent
from gateway.verification.batches.passing import ATTEMPTS_BEFORE_UNKNOWN, Group, Pass
from gateway.verification.batches.rows import Answer, Pending, SameAs, Standing

AT_ONCE = 5
SAID = (Outcome.MATCH, Outcome.NAME_MISMATCH, Outcome.NOT_ON_FILE, Outcome.DECEASED)
FAILURES = (
    *(Unavailable, Unreadable, TooMany, Ambiguous, Malformed, OutcomeUnknown),
    *(Closed, NotEntitled, NotSent),
)


def failure(kind: type[SystemFailure], seconds: float | None = None) -> SystemFailure:
    return kind("population", "check", "code", retry_after=seconds)


def finish(passing: Pass) -> None:
    """Let the register match every group that is left."""
    while not passing.over:
        for group in passing.take(3):
            passing.answered(group, [Verdict(Outcome.MATCH) for _ in group], "call")


def outcomes(passing: Pass) -> list[Outcome | None]:
    return [one.outcome if isinstance(one, Answer) else None for one in passing.standings]


def test_rows_are_asked_in_groups_and_repeats_and_answers_are_not() -> None:
    known = Answer(Outcome.NOT_APPLICABLE)
    passing = Pass([Pending(), known, SameAs(1), *[Pending()] * 6], AT_ONCE)
    assert passing.take(10) == [(0, 3, 4, 5, 6), (7, 8)]
    assert passing.pending == 7


@pytest.mark.parametrize("kind", [TooMany, Ambiguous, Malformed])
def test_the_one_row_that_spoils_a_group_is_found_and_the_others_are_answered(
    kind: type[SystemFailure],
) -> None:
    passing = Pass([Pending()] * AT_ONCE, AT_ONCE)
    while not passing.over:
        for group in passing.take(1):
            if 3 in group:
                passing.refused(group, failure(kind))
            else:
                passing.answered(group, [Verdict(Outcome.MATCH) for _ in group], "call")
    others = [one for row, one in enumerate(outcomes(passing)) if row != 3]
    assert others == [Outcome.MATCH] * 4
    assert outcomes(passing)[3] is not Outcome.MATCH


@pytest.mark.parametrize("kind", [TooMany, Malformed])
def test_a_single_row_the_register_calls_wrong_is_unknown_at_once(
    kind: type[SystemFailure],
) -> None:
    passing = Pass([Pending()], AT_ONCE)
    passing.refused(passing.take(1)[0], failure(kind))
    assert passing.standings == [Answer(Outcome.UNKNOWN, "code")]


@pytest.mark.parametrize("kind", [Unavailable, Unreadable, OutcomeUnknown, Ambiguous])
def test_a_row_without_an_answer_is_tried_so_often_and_then_unknown(
    kind: type[SystemFailure],
) -> None:
    standings: Sequence[Standing] = [Pending()]
    for attempt in range(1, ATTEMPTS_BEFORE_UNKNOWN):
        passing = Pass(standings, AT_ONCE)
        passing.refused(passing.take(1)[0], failure(kind))
        assert passing.standings == [Pending(attempt)]
        standings = passing.standings
    passing = Pass(standings, AT_ONCE)
    passing.refused(passing.take(1)[0], failure(kind))
    assert passing.standings == [Answer(Outcome.UNKNOWN, "code")]


@pytest.mark.parametrize("kind", [Closed, NotEntitled, NotSent])
def test_waiting_for_the_register_costs_no_attempt_and_ends_the_pass(
    kind: type[SystemFailure],
) -> None:
    passing = Pass([Pending(2)] * 7, AT_ONCE)
    first, second = passing.take(2)
    passing.refused(first, failure(kind, 30.0))
    passing.answered(second, [Verdict(Outcome.MATCH)] * 2, "call")
    assert passing.over
    assert passing.standings[:5] == [Pending(2)] * 5
    assert passing.backoff() == 30.0


def test_a_doubtful_row_is_asked_alone_before_it_counts_as_an_attempt() -> None:
    passing = Pass([Pending()] * 3, AT_ONCE)
    verdicts = [Verdict(Outcome.MATCH), Verdict(Outcome.UNKNOWN, "?"), Verdict(Outcome.MATCH)]
    passing.answered(passing.take(1)[0], verdicts, "call")
    assert passing.take(5) == [(1,)]
    passing.answered((1,), [Verdict(Outcome.UNKNOWN, "?")], "call")
    assert passing.standings[1] == Pending(1)


def test_the_wait_grows_with_the_attempts_and_is_never_shorter_than_asked() -> None:
    waits = []
    for attempts in range(3):
        passing = Pass([Pending(attempts)], AT_ONCE)
        passing.refused(passing.take(1)[0], failure(Unavailable))
        waits.append(passing.backoff())
    assert waits == [2.0, 4.0, 8.0]
    passing = Pass([Pending()], AT_ONCE)
    passing.refused(passing.take(1)[0], failure(Unavailable, 45.0))
    assert passing.backoff() == 45.0


_reactions = st.lists(
    st.one_of(
        st.sampled_from(FAILURES),
        st.lists(st.sampled_from([*SAID, Outcome.UNKNOWN]), min_size=AT_ONCE, max_size=AT_ONCE),
    ),
    max_size=60,
)


@given(st.integers(1, 23), _reactions)
def test_under_any_answers_no_row_gets_an_outcome_the_register_did_not_say_of_it(
    rows: int, reactions: list[type[SystemFailure] | list[Outcome]]
) -> None:
    told: dict[int, set[Outcome]] = {row: {Outcome.UNKNOWN} for row in range(rows)}
    passing = Pass([Pending()] * rows, AT_ONCE)
    for reaction in reactions:
        if passing.over:
            passing = Pass(passing.standings, AT_ONCE)
        for group in passing.take(1):
            _react(passing, group, reaction, told)
    for row, standing in enumerate(passing.standings):
        assert isinstance(standing, Pending) or standing.outcome in told[row]
    waiting = sum(isinstance(one, Pending) for one in passing.standings)
    assert passing.pending == waiting


def _react(
    passing: Pass,
    group: Group,
    reaction: type[SystemFailure] | list[Outcome],
    told: dict[int, set[Outcome]],
) -> None:
    if not isinstance(reaction, list):
        passing.refused(group, failure(reaction))
        return
    said = reaction[: len(group)]
    for row, outcome in zip(group, said, strict=True):
        told[row].add(outcome)
    passing.answered(group, [Verdict(outcome) for outcome in said], "call")


def test_a_pass_ends_with_every_row_answered() -> None:
    passing = Pass([Pending()] * 23, AT_ONCE)
    finish(passing)
    assert outcomes(passing) == [Outcome.MATCH] * 23
