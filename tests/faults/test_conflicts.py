"""A refusal that names another holder: a case for people, looked at again, never a copy."""

from dataclasses import replace

from contracts.capabilities import Enrolment
from gateway.wiring.ground import Ground
from gateway.wiring.work import schedule_chores, wire_worker
from tests.crash.fuse import Crash, Fuse
from tests.crash.installation import Installation
from tests.crash.invariants import rows
from tests.crash.village import Listed
from tests.faults.trial import BEYOND_PATIENCE
from tests.intake.village import person

CONFLICT = {"kind": "conflict_409", "operation": "create", "nth": 1}
PLAIN, PLAIN_NUMBER = "7", person(7).number


async def test_a_rival_s_record_holds_the_child_until_it_is_gone(
    town: Installation, listed: Listed
) -> None:
    await town.arm("student_status", script=[CONFLICT])
    async with town.life() as ground:
        await _work(town, ground, rounds=2)
        (held,) = [one for one, row in (await rows(ground)).items() if "claimed" in row.situation]
        assert (await rows(ground))[held].situation == "held:claimed_elsewhere"
        number = listed.expected[held].number
        await town.change("student_status", {"学籍号": number or ""}, {"学籍状态": "其他离校"})
        await _work(town, ground, rounds=2, seconds=2 * 86_400.0)
        assert await rows(ground) == listed.expected


async def test_a_child_whom_the_school_entered_under_another_number_is_not_closed(
    town: Installation, listed: Listed
) -> None:
    await _enter_before_we_do(town, number=f"L{person(7).document}")
    async with town.life() as ground:
        await _work(town, ground, rounds=4)
        assert (await rows(ground))[PLAIN].situation == "held:already_enrolled"
    (record,) = [r for r in await town.records("preschool") if r["学籍号"] == PLAIN_NUMBER]
    assert record["学籍状态"] == "毕业"


async def test_a_child_whom_the_school_entered_under_the_same_number_is_only_closed(
    town: Installation, listed: Listed
) -> None:
    await _enter_before_we_do(town, number=PLAIN_NUMBER)
    async with town.life() as ground:
        await _work(town, ground, rounds=4)
        assert await rows(ground) == listed.expected
    entered = [r for r in await town.records("student_status") if r["学籍号"] == PLAIN_NUMBER]
    assert [record["请求号"] for record in entered] == ["by-hand"]
    (closed,) = [r for r in await town.records("preschool") if r["学籍号"] == PLAIN_NUMBER]
    assert closed["学籍状态"] == "升学"


async def _enter_before_we_do(town: Installation, number: str) -> None:
    """The school enters the child by itself between our look and our creation."""
    asked = (await _until_creations(town))[PLAIN_NUMBER]
    identity = replace(asked.child.identity, number=number)
    entered = replace(asked, request_id="by-hand", child=replace(asked.child, identity=identity))
    await town.systems.student_status.create(entered, trace_id="by-hand")


async def _until_creations(town: Installation) -> dict[str, Enrolment]:
    """What was about to be created when the process died."""
    asked: dict[str, Enrolment] = {}
    create = town.systems.student_status.create

    async def dying(enrolment: Enrolment, *, trace_id: str) -> None:
        asked[enrolment.child.identity.number or ""] = enrolment
        raise Crash("before any creation leaves")

    town.systems.student_status.create = dying  # type: ignore[method-assign,assignment]
    try:
        async with town.process(Fuse()) as worker:
            await worker.step()
    except Crash:
        return asked
    finally:
        town.systems.student_status.create = create  # type: ignore[method-assign]
    raise AssertionError("there was nothing to create")


async def _work(
    town: Installation, ground: Ground, rounds: int, seconds: float = 5 * BEYOND_PATIENCE
) -> None:
    await schedule_chores(ground, town.systems)
    worker = wire_worker(ground, town.systems)
    for _ in range(rounds):
        await worker.step()
        town.clock.advance(seconds)
    await worker.step()
