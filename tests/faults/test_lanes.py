"""The lane to a system: what closes it, what opens it again, and who is told."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from contracts.errors import Closed, NotEntitled, NumberTaken, OutcomeUnknown, Unavailable
from gateway.calls.lanes import FAILURES_TO_CLOSE, REST_SECONDS, Lane
from gateway.evidence.tables import entries
from gateway.wiring.ground import Ground
from gateway.wiring.work import wire_worker
from tests.crash.installation import START, Installation
from tests.crash.invariants import rows
from tests.crash.village import Listed
from tests.faults.trial import BEYOND_PATIENCE, resume

AWAY, LOST = Unavailable("s", "o"), OutcomeUnknown("s", "o")
TAKEN = NumberTaken("s", "o", school="9999990200", approved=True)
REFUSED, SHUT = NotEntitled("s", "o", "-53"), Closed("s", "o", retry_after=1800.0)
ANSWER = object()
CASES: list[tuple[Sequence[object], bool, float | None]] = [
    ([AWAY] * (FAILURES_TO_CLOSE - 1), False, None),
    ([AWAY, LOST] * FAILURES_TO_CLOSE, True, REST_SECONDS),
    ([*[AWAY] * (FAILURES_TO_CLOSE - 1), ANSWER, AWAY], False, None),
    ([TAKEN] * 2 * FAILURES_TO_CLOSE, False, None),
    ([SHUT], True, 1800.0),
    ([SHUT, ANSWER], False, None),
    ([REFUSED], True, None),
    ([REFUSED, ANSWER, ANSWER], True, None),
    ([REFUSED, SHUT], True, None),
]


@pytest.mark.parametrize(("results", "closed", "rest"), CASES)
def test_failures_close_a_lane_and_only_an_operator_opens_one_in_doubt(
    results: Sequence[object], closed: bool, rest: float | None
) -> None:
    lane = Lane("s", START).after(results, START)
    assert lane.closed is closed
    assert lane.until_at == (START + timedelta(seconds=rest) if rest else None)


async def test_a_doubt_about_our_entitlement_is_told_once_and_waits_for_an_operator(
    town: Installation, listed: Listed
) -> None:
    await town.arm("student_status", script=[{"kind": "forbidden", "nth": 1}])
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        for _ in range(4):
            await worker.step()
            town.clock.advance(20 * BEYOND_PATIENCE)
        asked = len(await town.requests("student_status"))
        assert {"searching"} <= {row.situation for row in (await rows(ground)).values()}
        assert await _told(ground) == ["lane.stopped"]
        await resume(ground)
        await worker.step()
        assert len(await town.requests("student_status")) > asked == 1
        assert await rows(ground) == listed.expected
        assert await _told(ground) == ["lane.stopped", "lane.resumed"]


async def _told(ground: Ground) -> list[str]:
    async with ground.database.reading() as connection:
        written = select(entries.c.canonical).order_by(entries.c.entry_id)
        log = (await connection.execute(written)).scalars().all()
    actions = [json.loads(entry[1:])["action"] for entry in log]
    return [action for action in actions if action.startswith("lane.")]
