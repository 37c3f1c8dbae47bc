"""What closes a lane, for how long, and who opens it: the rules, without a store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import (
    Ambiguous,
    Closed,
    ClosingRefused,
    Malformed,
    NotEntitled,
    NumberTaken,
    OutcomeUnknown,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)
from gateway.calls.call import NotSent
from gateway.calls.lanes import (
    CLOSED_REST_SECONDS,
    FIRST_REST_SECONDS,
    LONGEST_REST_SECONDS,
    NOT_ENTITLED,
    STOPPED,
    WHOLE,
    Lane,
    after_word,
)
from gateway.calls.outcomes import FEWEST, IN_A_ROW, REMEMBERED, Outcomes

NOW = datetime(2026, 9, 3, 2, tzinfo=UTC)
ANSWER = object()
AWAY = Unavailable("s", "o", "deadline")
TAKEN = NumberTaken("s", "o", school="9999990200", approved=True)
ANSWERS = [
    ANSWER,
    TAKEN,
    *(
        kind("s", "o")
        for kind in (TooMany, Ambiguous, Malformed, ClosingRefused, Closed, NotEntitled)
    ),
]
FAILURES = [kind("s", "o") for kind in (Unavailable, Unreadable, OutcomeUnknown)]


def tripped(results: Sequence[object]) -> bool:
    outcomes = Outcomes()
    for result in results:
        outcomes.add(result, NOW)
    return outcomes.tripped is not None


@given(st.lists(st.sampled_from(ANSWERS), max_size=200))
def test_answers_never_open_the_breaker_however_unwelcome(results: list[object]) -> None:
    assert not tripped(results)


@given(st.lists(st.booleans(), min_size=REMEMBERED, max_size=REMEMBERED), st.data())
def test_half_of_twenty_timeouts_open_it_within_twenty_calls(
    fails: list[bool], data: st.DataObject
) -> None:
    results = [data.draw(st.sampled_from(FAILURES if fail else ANSWERS)) for fail in fails]
    if 2 * sum(fails) >= REMEMBERED:
        assert tripped(results)


def test_every_other_call_timing_out_opens_it_at_the_tenth() -> None:
    results = [ANSWER, AWAY] * FEWEST
    assert not tripped(results[: FEWEST - 1])
    assert tripped(results[:FEWEST])


def test_five_in_a_row_open_it_and_one_answer_between_begins_anew() -> None:
    assert tripped([AWAY] * IN_A_ROW)
    assert not tripped([*[AWAY] * (IN_A_ROW - 1), ANSWER, ANSWER, ANSWER, AWAY])


def test_what_we_kept_back_ourselves_counts_as_nothing() -> None:
    kept = NotSent("s", "o", "crowded")
    assert not tripped([kept] * 50)
    assert tripped([*[AWAY, kept] * (IN_A_ROW - 1), AWAY])


def test_failures_of_long_ago_are_forgotten() -> None:
    outcomes = Outcomes()
    for minutes in range(50):
        outcomes.add(AWAY, NOW + timedelta(minutes=2 * minutes))
    assert outcomes.tripped is None


def rests(count: int) -> list[float]:
    lane, at, seconds = Lane("s", "o", NOW - timedelta(days=1)), NOW, []
    for _ in range(count):
        lane = lane.rest(AWAY, at)
        assert lane.until_at is not None
        seconds.append((lane.until_at - at).total_seconds())
        at = lane.until_at
    return seconds


def test_each_rest_is_longer_up_to_the_longest() -> None:
    seconds = rests(8)
    assert seconds[:3] == [FIRST_REST_SECONDS, 2 * FIRST_REST_SECONDS, 4 * FIRST_REST_SECONDS]
    assert seconds[3:] == [LONGEST_REST_SECONDS] * 5


def test_a_system_that_says_when_to_come_back_is_left_alone_until_then() -> None:
    told = Unavailable("s", "o", "503", retry_after=90.0)
    lane = Lane("s", "o", NOW).rest(told, NOW)
    assert not lane.admits(NOW + timedelta(seconds=89.9))
    assert lane.admits(NOW + timedelta(seconds=90))


def test_an_answer_to_the_probe_opens_and_a_failure_lengthens_the_rest() -> None:
    lane = Lane("s", "o", NOW).rest(AWAY, NOW)
    assert not lane.after_probe(TAKEN, NOW).reason
    longer = lane.after_probe(AWAY, NOW)
    assert longer.openings == lane.openings + 1
    assert longer.since_at == lane.since_at


def test_a_lane_that_fails_again_soon_goes_on_with_the_longer_rest() -> None:
    opened = Lane("s", "o", NOW).rest(AWAY, NOW).after_probe(ANSWER, NOW)
    assert opened.rest(AWAY, NOW + timedelta(seconds=30)).openings == 2
    assert opened.rest(AWAY, NOW + timedelta(seconds=90)).openings == 1


def test_a_probe_that_never_left_leaves_its_turn_to_another() -> None:
    lane = Lane("s", "o", NOW).rest(AWAY, NOW)
    later = NOW + timedelta(seconds=60)
    probing = Lane(**{**_fields(lane), "probe_until": later})
    assert not probing.admits(NOW + timedelta(seconds=30))
    freed = probing.after_probe(NotSent("s", "o", "stopped"), NOW)
    assert freed.admits(NOW + timedelta(seconds=30))
    assert freed.reason == lane.reason


WORDS: list[tuple[Sequence[SystemFailure], str, float | None]] = [
    ([Closed("s", "o", retry_after=1800.0)], "closed", 1800.0),
    ([Closed("s", "o")] * 3, "closed", CLOSED_REST_SECONDS),
    ([NotEntitled("s", "o", "-53")], NOT_ENTITLED, None),
    ([NotEntitled("s", "o", "-53"), Closed("s", "o")], NOT_ENTITLED, None),
    ([Closed("s", "o"), NotEntitled("s", "o", "-53")], NOT_ENTITLED, None),
]


@pytest.mark.parametrize(("words", "reason", "rest"), WORDS)
def test_a_system_is_taken_at_its_word(
    words: Sequence[SystemFailure], reason: str, rest: float | None
) -> None:
    lane = Lane("s", WHOLE, NOW)
    for word in words:
        lane = after_word(lane, word, NOW)
    assert lane.reason == reason
    assert lane.until_at == (NOW + timedelta(seconds=rest) if rest else None)


@given(st.lists(st.sampled_from([*ANSWERS, *FAILURES]), max_size=30))
def test_nothing_a_system_says_moves_a_lane_that_an_operator_stopped(
    results: list[object],
) -> None:
    stopped = Lane("s", WHOLE, NOW).stop(STOPPED, "maintenance", NOW)
    lane = stopped
    for result in results:
        lane = lane.after_probe(result, NOW)
        if isinstance(result, Closed | NotEntitled):
            lane = after_word(lane, result, NOW)
    assert lane == stopped
    assert not lane.admits(NOW + timedelta(days=365))


def _fields(lane: Lane) -> dict[str, object]:
    return {name: getattr(lane, name) for name in lane.__slots__}
