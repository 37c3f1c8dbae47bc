"""What must hold whatever died: checked on the store, on both registers, and between them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gateway.calls.tables import open_calls
from gateway.evidence.tables import entries
from gateway.intake.doors.lines import intake_lines
from gateway.intake.handover import Handover, load
from gateway.intake.rules.states import Hold, State
from gateway.intake.tables import handovers, intakes
from gateway.leases import work
from gateway.verification.tables import verifications
from gateway.wiring.evidence import number_log
from gateway.wiring.ground import Ground

Calls = Sequence[Mapping[str, Any]]
# Refusals of a write by which the register itself says that it did nothing.
_NOT_DONE = frozenset({"forbidden", "closed", "conflict_409"})


@dataclass(frozen=True)
class Row:
    """What the list's own reader sees of one child."""

    situation: str
    number: str | None
    grade: str | None
    problems: tuple[str, ...]


async def rows(ground: Ground) -> dict[str, Row]:
    """Where every row of the one intake stands, by 序号."""
    async with ground.database.reading() as connection:
        intake_id = (await connection.execute(select(intakes.c.intake_id))).scalar_one()
        lines = await intake_lines(connection, ground.sealer, intake_id, 0, 100_000)
    return {
        line.row: Row(str(line.situation), line.number, line.grade, line.problems) for line in lines
    }


async def lost_work(ground: Ground) -> list[str]:
    """Children under way of whom no work item is left; must be none at any moment."""
    async with ground.database.reading() as connection:
        ids = (await connection.execute(select(handovers.c.handover_id))).scalars().all()
        loaded = await load(connection, ids)
        items = (await connection.execute(select(work.c.kind, work.c.subject_id))).all()
        pending = select(verifications.c.subject_id).where(verifications.c.outcome.is_(None))
        unverified = (await connection.execute(pending)).scalars().all()
    kinds: dict[str, set[str]] = {}
    for item in items:
        kinds.setdefault(item.subject_id, set()).add(item.kind)
    lost = [
        h.handover_id
        for h in loaded
        if (wanted := _expected(h)) and not wanted & kinds.get(h.handover_id, set())
    ]
    return lost + [one for one in unverified if "verify:population" not in kinds.get(one, set())]


def _expected(handover: Handover) -> set[str]:
    """The kinds of work of which one must be there; none where nothing goes on by itself."""
    if handover.state == State.SEARCHING:
        return {"look", "decide"}
    carrying = (Hold.OUTCOME_UNKNOWN, Hold.CLOSING_REFUSED)
    if handover.state == State.ACCEPTED or handover.hold in carrying:
        return {"carry"}
    waits_for_a_person = (Hold.DATA_ERROR, Hold.ADMISSION_UNCONFIRMED, None)
    return set() if handover.hold in waits_for_a_person else {"look"}


async def check_evidence(ground: Ground) -> None:
    """Every question has one outcome; the log is numbered without a gap."""
    await number_log(ground)
    async with ground.database.reading() as connection:
        written = select(entries.c.position, entries.c.canonical).order_by(entries.c.position)
        log = (await connection.execute(written)).all()
        still_open = (await connection.execute(select(open_calls))).all()
        size, _ = await ground.log.root(connection)
    assert [row.position for row in log] == list(range(1, size + 1))
    assert still_open == []
    said = [json.loads(row.canonical[1:]) for row in log]
    asked = Counter(one["object"] for one in said if one["action"] == "register.asked")
    answered = Counter(one["object"] for one in said if one["action"] == "register.answered")
    assert set(asked.values()) <= {1}
    assert answered == asked


def check_writes(calls: Calls, write: str) -> None:
    """No write was sent twice without asking what became of it, or under another number."""
    awaiting: set[str] = set()
    said: dict[str, str] = {}
    for call in calls:
        request_id = call["request_id"]
        if call["operation"] == "lookup":
            awaiting.discard(request_id)
        if call["operation"] == write:
            assert request_id not in awaiting, f"{write} was sent again blindly"
            question = json.dumps(call["question"], sort_keys=True)
            assert said.setdefault(request_id, question) == question
            if call["fault"] not in _NOT_DONE:
                awaiting.add(request_id)


def check_creations(calls: Calls) -> None:
    """No child was to be created under two numbers, or twice."""
    asked = {
        (call["request_id"], student.get("sfzjh"), student["grbsm"])
        for call in calls
        if call["operation"] == "create" and (student := call["question"]["student"])
    }
    documents = [document for _, document, _ in asked if document]
    numbers = [number for _, _, number in asked]
    assert len(set(documents)) == len(documents)
    assert len(set(numbers)) == len(numbers)


async def check_receipts(
    ground: Ground,
    systems: Any,
    preschool: Sequence[Mapping[str, Any]],
    primary: Sequence[Mapping[str, Any]],
) -> None:
    """Carried here is carried there: one record, one mark, and the receipts that both gave."""
    async with ground.database.reading() as connection:
        ids = (await connection.execute(select(handovers.c.handover_id))).scalars().all()
        loaded = await load(connection, ids)
    created = Counter(record["请求号"] for record in primary if record["请求号"])
    marked = Counter(record["升学请求号"] for record in preschool if record.get("升学请求号"))
    assert set((created | marked).values()) <= {1}
    live = Counter(record["学籍号"] for record in primary if record["学籍状态"] in ("在读", "休学"))
    assert max(live.values(), default=1) == 1
    for handover in loaded:
        await _check_receipt(handover, systems, created, marked)


async def _check_receipt(
    handover: Handover, systems: Any, created: Counter[str], marked: Counter[str]
) -> None:
    request_id = handover.request_id
    if handover.state != State.CARRIED:
        assert not (marked[request_id] and handover.create_receipt is None)
        return
    assert handover.writing is None
    enrolment = (await systems.student_status.enrolment(request_id, trace_id="check")).value
    advancement = (await systems.preschool.advancement(request_id, trace_id="check")).value
    if created[request_id]:
        assert enrolment is not None
        assert handover.create_receipt == enrolment.receipt_id
    if marked[request_id]:
        assert advancement is not None
        assert handover.closing_receipt == advancement.receipt_id
    assert created[request_id] or enrolment is None
    assert handover.create_receipt is not None
