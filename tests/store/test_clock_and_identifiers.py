"""Time is handed in; ids sort by it."""

import os
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import SystemClock, VirtualClock
from gateway.identifiers import Identifiers

START = datetime(2026, 9, 1, tzinfo=UTC)


def test_the_systems_clock_tells_an_aware_instant_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(1.5)
    assert clock.now() == START + timedelta(seconds=1.5)
    clock.set(datetime(2026, 9, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC


def test_a_virtual_clock_refuses_an_instant_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 9, 1))  # noqa: DTZ001


def test_an_id_is_a_uuid_of_version_7_that_carries_the_time() -> None:
    given_id = Identifiers(VirtualClock(START), os.urandom)()
    read = UUID(hex=given_id)
    assert (len(given_id), read.version, read.variant) == (32, 7, RFC_4122)
    assert read.int >> 80 == START.timestamp() * 1000


@given(moves=st.lists(st.floats(-10, 10), max_size=60), seed=st.integers())
def test_ids_increase_however_the_clock_moves(moves: list[float], seed: int) -> None:
    clock = VirtualClock(START)
    next_id = Identifiers(clock, Random(seed).randbytes)
    ids = []
    for seconds in moves:
        clock.advance(seconds)
        ids += [next_id(), next_id()]
    assert ids == sorted(set(ids))


def test_ids_increase_within_one_millisecond_without_end() -> None:
    next_id = Identifiers(VirtualClock(START), Random(1).randbytes)
    ids = [next_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_two_processes_do_not_give_the_same_id() -> None:
    clock = VirtualClock(START)
    here, there = Identifiers(clock, os.urandom), Identifiers(clock, os.urandom)
    assert not {here() for _ in range(1000)} & {there() for _ in range(1000)}
