"""What is kept between renderings never shows: the bytes are those of a fresh rendering."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Event, load_vocabulary
from gateway.feed.phrasing import Phrases, fill, within
from gateway.feed.rendering import WITHDRAWAL, render

WORDS = load_vocabulary()
TEXT = st.text(max_size=12)
AREA, SCHOOL = st.sampled_from(["", "330102", "440103"]), st.sampled_from(["", "3133000001"])
INSTANT = st.datetimes(timezones=st.just(UTC))
ROWS = st.builds(
    SimpleNamespace,
    subscription_id=TEXT,
    number=st.integers(1, 2**53),
    change_id=st.sampled_from(["one", "two", "three"]),
    half=st.sampled_from(["both", "from", "to"]),
    reason=st.sampled_from(["change", "backfill"]),
    person_id=TEXT,
    version=st.integers(1, 99),
    event=st.sampled_from([event.value for event in Event]),
    stage=st.sampled_from(["preschool", "primary"]),
    area_from=AREA,
    area_to=AREA,
    school_from=SCHOOL,
    school_to=SCHOOL,
    source=TEXT,
    source_code=TEXT,
    late=st.booleans(),
    occurred_at=INSTANT,
    recorded_at=INSTANT,
)


@given(ROWS, st.lists(st.tuples(TEXT, st.integers(1, 99), TEXT), max_size=4))
def test_what_is_kept_reads_like_a_fresh_rendering(
    row: Any, others: list[tuple[str, int, str]]
) -> None:
    phrases = Phrases(WORDS)
    for subscription_id, number, child in [(row.subscription_id, row.number, "c"), *others]:
        one = SimpleNamespace(**vars(row) | {"subscription_id": subscription_id, "number": number})
        assert filled(phrases, one, child) == render(one, child, WORDS)


def filled(phrases: Phrases, row: Any, child: str) -> str:
    ours, name = within(row.subscription_id), within(child)
    return fill(phrases.phrase(row), ours, row.number, name).decode()


def row_of(change_id: str, half: str = "both") -> Any:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    facts = dict.fromkeys(("source", "source_code", "person_id"), "x")
    sides = {"area_from": "330102", "area_to": "440103", "school_from": "1", "school_to": "2"}
    return SimpleNamespace(
        **facts,
        **sides,
        subscription_id="a",
        number=1,
        change_id=change_id,
        half=half,
        reason="change",
        version=1,
        event="moved_out",
        stage="primary",
        occurred_at=at,
        recorded_at=at,
        late=False,
    )


def test_each_half_of_a_move_is_its_own_and_memory_is_bounded() -> None:
    phrases = Phrases(WORDS, at_most=2)
    for place in range(6):
        for half in ("from", "to"):
            row = row_of(str(place), half)
            assert filled(phrases, row, "c") == render(row, "c", WORDS)
    assert len(phrases._young) + len(phrases._old) <= 2


def test_a_withdrawal_is_not_rendered_from_its_change() -> None:
    row = row_of("one")
    row.reason = WITHDRAWAL
    with pytest.raises(ValueError, match="withdrawal"):
        Phrases(WORDS).phrase(row)
