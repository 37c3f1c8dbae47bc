"""Whoever walks through children instead of looking for one is stopped, in every process."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sealing import Sealer
from gateway.verification.enrolment_queries.children import Trace, name_child, trace
from tests.verification.enrolment_queries.conftest import OFFICER, UNIT, Bureau, child
from tests.verification.enrolment_queries.quiet import open_quiet, release, stops, stranger

SEALER = Sealer(b"f" * 32, b"i" * 32)
LOOSE = {"children": 9000, "same_birth": 9000, "neighbours": 9000, "off_hours": 9000}
LOOSE |= {"misses": 9000}


def terms(**officer: int) -> dict[str, object]:
    """Terms under which only these thresholds of an officer can be reached."""
    return {"queries_per_minute": 600, "officer": LOOSE | officer, "unit": LOOSE}


def seen(region: str, born_on: str, order: int) -> Trace:
    one = stranger(region, born_on, order)
    return trace(name_child("1", one.document, one.name, None, ""), SEALER)


@given(st.integers(1, 980), st.integers(-9, 9))
def test_two_numbers_are_neighbours_of_each_other_or_neither_is(order, distance):
    one, other = seen("999999", "20200101", order), seen("999999", "20200101", order + 9 + distance)
    assert (other.place in one.neighbours) == (one.place in other.neighbours)
    assert (other.place in one.neighbours) == (1 <= abs(9 + distance) <= 2)
    assert one.birth == other.birth


def test_the_same_order_code_a_day_later_is_a_neighbour_and_elsewhere_is_none():
    one = seen("999999", "20200228", 11)
    assert seen("999999", "20200229", 11).place in one.neighbours
    assert seen("999999", "20200301", 11).place not in one.neighbours
    assert seen("990001", "20200228", 12).place not in one.neighbours


DAYS = [f"202003{day:02d}" for day in range(1, 29)]
SCATTERED = [("999999", day, 40 * n % 997) for n, day in enumerate(DAYS)]
# Ways to walk, with the signal that gives each away.
WALKS = [
    ("neighbours", [("999999", "20200101", order) for order in range(1, 20, 2)]),
    ("neighbours", [("999999", day, 11) for day in DAYS[:12]]),
    ("same_birth", [("999999", "20200101", order) for order in range(1, 90, 7)]),
    ("misses", SCATTERED),
    ("children", SCATTERED),
]


@pytest.mark.parametrize(("signal", "walk"), WALKS)
async def test_a_walk_is_stopped_at_the_threshold_one_by_one_or_in_batches(
    migrated_url: str, tmp_path: Path, signal, walk
):
    limit = 5
    async with open_quiet(migrated_url, tmp_path, **terms(**{signal: limit})) as bureau:
        asked = 0
        for step in walk:
            answer = await bureau.ask(child(stranger(*step)))
            if answer.status_code != 200:
                break
            asked += 1
        # The first of a row of neighbours has none yet.
        assert asked == limit + (signal == "neighbours")
        assert answer.status_code == 403
        assert [(one["officer"], one["signal"]) for one in await stops(bureau)] == [
            (OFFICER, signal)
        ]
        batch = [child(stranger(*step)) for step in walk]
        stopped = await bureau.ask(*batch, officer="another")
        assert stopped.status_code == 403
        assert len(await stops(bureau)) == 2


async def test_nights_and_holidays_count_without_urgency_and_not_with_it(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path, **terms(off_hours=1)) as bureau:
        for order in (1, 11, 21):  # a Thursday, ten in the morning
            await bureau.says(child(stranger("999999", "20200101", order)))
        bureau.stage.clock.advance(timedelta(hours=10).total_seconds())
        one, two, three = (child(stranger("999999", "20200102", n)) for n in (1, 11, 21))
        urgent = {"purpose": "missing_child", "urgent": True}
        await bureau.says(one, two, three, **urgent)
        await bureau.says(one)
        await bureau.says(one)  # the same child again is no other
        assert (await bureau.ask(two)).status_code == 403


async def test_a_stop_holds_in_every_process_at_once_and_for_urgent_queries_too(
    migrated_url: str, tmp_path: Path
):
    low = terms(misses=1)
    async with (
        open_quiet(migrated_url, tmp_path, **low) as here,
        open_quiet(migrated_url, tmp_path, here.stage.clock, **low) as there,
    ):
        one, two = (child(stranger("999999", "20200101", order)) for order in (1, 11))
        assert (await here.ask(one)).status_code == 200
        assert (await there.ask(two)).status_code == 403
        plain = (await here.ask(one)).json()
        urgent = (await there.ask(one, purpose="missing_child", urgent=True)).json()
        assert {**plain, "trace_id": ""} == {**urgent, "trace_id": ""}
        assert plain["type"] == "/problems/queries_stopped"
        assert (await here.ask(one, officer="another")).status_code == 200


async def test_a_unit_whose_officers_share_a_walk_is_stopped_as_a_whole(
    migrated_sqlite_url: str, tmp_path: Path
):
    shared = terms() | {"unit": LOOSE | {"children": 3}}
    async with open_quiet(migrated_sqlite_url, tmp_path, **shared) as bureau:
        for order in (1, 11, 21):
            await bureau.says(child(stranger("999999", "20200101", order)), officer=f"o{order}")
        last = await bureau.ask(child(stranger("999999", "20200101", 31)), officer="o31")
        assert last.status_code == 403
        (stop,) = await stops(bureau)
        assert (stop["unit"], stop["officer"]) == (UNIT, None)
        bureau.stage.clock.advance(timedelta(hours=25).total_seconds())  # only a person ends it
        assert (await bureau.ask(child(stranger("999999", "20200101", 1)))).status_code == 403


async def test_only_another_person_releases_and_counting_begins_anew(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path, **terms(misses=1)) as bureau:
        one, two = (child(stranger("999999", "20200101", order)) for order in (1, 11))
        await bureau.ask(one, two)
        (stop,) = await stops(bureau)
        for same in (OFFICER, "054321", quote("０１２３４５")):
            assert (await release(bureau, stop["stop_id"], same)).status_code == 409
        assert (await bureau.ask(one)).status_code == 403
        released = await release(bureau, stop["stop_id"])
        assert released.json()["released_by"] == "operator.sun"
        bureau.stage.clock.advance(1)
        assert (await bureau.ask(one)).status_code == 200
        assert (await bureau.ask(two)).status_code == 403
        assert (await release(bureau, stop["stop_id"])).status_code == 409
        assert len(await stops(bureau, standing=False)) == 2
        await _on_record(bureau)


async def _on_record(bureau: Bureau) -> None:
    """The walk, its refusals, its stops and the release are entries, without the reason's words."""
    actions = [e["action"] for e in await bureau.stage.entries()]
    assert actions.count("enrolment.stopped") == 2
    assert actions.count("enrolment.released") == 1
    refused = await bureau.entries("enrolment.refused")
    assert [entry["outcome"] for entry in refused] == ["stopped"] * 3
    (released,) = await bureau.entries("enrolment.released")
    assert "核实" not in str(released)
    stopped = (await bureau.entries("enrolment.asked"))[0]
    assert len(stopped["subjects"]) == 2


async def test_traces_and_answers_are_forgotten_in_time_and_the_list_stays(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path, **terms(misses=1)) as bureau:
        one, two = (child(stranger("999999", "20200101", order)) for order in (1, 11))
        first = await bureau.ask(one, key="k-1")
        bureau.stage.clock.advance(timedelta(hours=25).total_seconds())
        assert (await bureau.ask(two)).status_code == 200  # the window has moved on
        assert (await bureau.ask(one, key="k-1")).json() == first.json()
        bureau.stage.clock.advance(timedelta(hours=72).total_seconds())
        await _run_chore(bureau, "enrolment_forgetting")
        listed = (await bureau.send("GET", "/v1/enrolment-queries")).json()["queries"]
        assert [query["children"] for query in listed] == [1, 1]
        kept = (await bureau.entries("enrolment.answered"))[0]
        assert len(kept["subjects"]) == 1
        assert await _left(bureau) == (0, 0)


async def _run_chore(bureau: Bureau, kind: str) -> None:
    from gateway.wiring.enrolment_queries import wire_enrolment_chores

    (chore,) = [one for one in wire_enrolment_chores(bureau.stage.ground) if one.kind == kind]
    await chore.run()


async def _left(bureau: Bureau) -> tuple[int, int]:
    """How many traces, and how many queries with their answers, the store still holds."""
    from sqlalchemy import func, select

    from gateway.verification.enrolment_queries.tables import enrolment_queries, enrolment_traces

    async with bureau.stage.ground.database.reading() as connection:
        traces = (
            await connection.execute(select(func.count()).select_from(enrolment_traces))
        ).scalar_one()
        answers = select(func.count(enrolment_queries.c.sealed_answers))
        return traces, (await connection.execute(answers)).scalar_one()
