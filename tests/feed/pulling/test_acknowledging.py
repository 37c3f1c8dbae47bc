"""An acknowledgement skips nothing, and the last asking is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.feed.pulling.acknowledging import Position, Refusal, Refused
from gateway.feed.pulling.handing_out import ASKED_SECONDS
from tests.feed.province import NOW
from tests.feed.pulling.door import Door

NUMBERS = st.integers(0, 50)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted), NUMBERS, st.booleans())
def test_what_is_taken_was_handed_out_and_goes_forward(
    marks: list[int], to: int, replay: bool
) -> None:
    acknowledged, handed_out, head = marks
    position = Position(acknowledged, handed_out, head)
    fit = to <= handed_out and (replay or to >= acknowledged)
    try:
        moved = position.move(to, replay=replay)
    except Refused:
        assert not fit
    else:
        assert fit
        assert moved == Position(to, handed_out, head)


@pytest.mark.parametrize(
    ("to", "refusal", "expected"),
    [
        (4, Refusal.SKIPS, 3),
        (6, Refusal.BEYOND_HEAD, 5),
        (1, Refusal.GOES_BACK, 2),
    ],
)
def test_a_refusal_says_what_may_be_sent_instead(to: int, refusal: Refusal, expected: int) -> None:
    with pytest.raises(Refused) as refused:
        Position(2, 3, 5).move(to, replay=False)
    assert (refused.value.refusal, refused.value.expected) == (refusal, expected)


async def test_what_was_handed_out_may_be_acknowledged_and_nothing_beyond(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(5)
    await door.pull(limit=2)
    skipping = await door.acknowledge(3)
    assert skipping.status_code == 409
    (fault,) = skipping.json()["errors"]
    assert fault["code"] == "skips"
    assert "after 2" in fault["remedy_en"]
    taken = await door.acknowledge(2)
    assert taken.status_code == 200
    assert taken.json() == {
        "subscription": "a",
        "acknowledged": 2,
        "handed_out": 2,
        "head": 5,
        "asked_at": taken.json()["asked_at"],
    }
    assert await door.column("a", "acknowledged") == 2
    assert (await door.pull()).headers["Jisui-Feed-Acknowledged"] == "2"


async def test_a_page_beyond_a_hole_does_not_fill_the_hole(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(5)
    await door.pull(after=3)
    assert (await door.acknowledge(5)).status_code == 409
    await door.pull(after=0, limit=3)
    assert (await door.acknowledge(3)).status_code == 200
    assert (await door.acknowledge(5)).status_code == 409
    await door.pull(after=2)
    assert (await door.acknowledge(5)).status_code == 200


async def test_going_back_has_to_be_meant(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(3)
    await door.pull()
    await door.acknowledge(3)
    assert (await door.acknowledge(1)).json()["errors"][0]["code"] == "goes_back"
    back = await door.acknowledge(1, replay=True)
    assert (back.status_code, back.json()["acknowledged"]) == (200, 1)
    assert (await door.acknowledge(3)).status_code == 200


async def test_a_position_can_be_read(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(3)
    await door.pull(limit=2)
    answer = await door.pull("/v1/feeds/status-changes/position")
    assert answer.json()["handed_out"] == 2
    assert answer.json()["asked_at"] is not None


async def test_the_last_asking_is_remembered(door: Door) -> None:
    await door.subscribe("a")
    assert await door.column("a", "asked_at") is None
    await door.pull()
    assert await door.column("a", "asked_at") == NOW
    door.clock.advance(ASKED_SECONDS)
    await door.pull()
    assert await door.column("a", "asked_at") == door.clock.now()
