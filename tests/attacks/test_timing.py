"""How long a refusal takes tells nothing: absence and lack of right answer at the same pace."""

from collections.abc import Awaitable, Callable
from statistics import median
from time import process_time

import httpx2 as httpx

from gateway.access.vocabulary import Role
from tests.attacks.conftest import Siege
from tests.attacks.doors import Door, doors_of
from tests.attacks.strangers import Place
from tests.attacks.test_refusals import POLICY, knock
from tests.intake.stage import START

ROUNDS = 9
NOISE_SECONDS = 0.005


async def test_absence_and_refusal_take_the_same_time(siege: Siege):
    doors = [door for door in doors_of(siege) if door.names_a_target]
    assert doors
    for door in doors:
        for role, place in ((Role.CLERK, Place.RIVAL), (Role.COUNTY, Place.OTHER_COUNTY)):
            if not POLICY.knows(role, door.operation, START.date()):
                continue
            headers = await siege.strangers.headers(role, place, "enrolment")
            absent, forbidden = await paced(
                lambda d=door, h=headers: knock(siege, d, h, absent=True),
                lambda d=door, h=headers: knock(siege, d, h),
            )
            assert abs(absent - forbidden) < NOISE_SECONDS, (door.template, absent, forbidden)


async def test_a_register_is_not_asked_about_a_school_that_is_none_of_the_callers_business(
    siege: Siege,
):
    headers = await siege.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    door = listing(siege)
    before = await siege.stage.requests("student_status", "institutions")
    for school in ("9999990200", "9812345678"):
        answer = await siege.stage.door.post(
            f"/v1/intakes?school={school}",
            headers=headers | {"Content-Type": "application/json"},
            content=door.target.body,
        )
        assert answer.status_code == 404
    assert await siege.stage.requests("student_status", "institutions") == before


async def paced(
    first: Callable[[], Awaitable[httpx.Response]], second: Callable[[], Awaitable[httpx.Response]]
) -> tuple[float, float]:
    """The median seconds of work for each, asked in turns; a busy machine does not add to them."""
    pairs = [(await timed(first), await timed(second)) for _ in range(ROUNDS)]
    return median(one for one, _ in pairs), median(other for _, other in pairs)


async def timed(ask: Callable[[], Awaitable[httpx.Response]]) -> float:
    began = process_time()
    await ask()
    return process_time() - began


def listing(siege: Siege) -> Door:
    return next(door for door in doors_of(siege) if door.template == "/v1/intakes")
