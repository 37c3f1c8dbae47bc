"""Every door, every role, every place, whatever is left out: refused alike, and nothing changes."""

import hashlib
from collections.abc import Mapping
from itertools import product

import httpx2 as httpx
import pytest
from sqlalchemy import select

from gateway.access.policy import load_policy
from gateway.access.vocabulary import ACTS_OF_A_PERSON, Operation, Purpose, Role
from gateway.database import metadata
from tests.attacks.conftest import Siege
from tests.attacks.doors import Door, doors_of
from tests.attacks.strangers import WITHIN, Place
from tests.intake.stage import START

POLICY = load_policy()
SHARES = 2  # the matrix is taken apart, so that no one test takes a minute
NEEDED = ("Authorization", "Jisui-Purpose", "X-Road-Issue", "X-Road-UserId")
# Gives names and numbers away as a file: no purpose but the first needs that.
ONLY_TO_ENROL = {"/v1/intakes/{intake_id}/result-sheet"}
# Searches whose answer is no JSON.
_SHEETS = {"/v1/problems/sheet"}
# Grow by being refused: evidence of the denial, what was looked for in vain, and callers of ours.
_GROWING = {"entries", "callers", "sequence_leases", "looks"}


async def knock(
    siege: Siege, door: Door, headers: Mapping[str, str], *, absent: bool = False
) -> httpx.Response:
    asked = door.absent if absent else door.target
    more = {"Content-Type": "application/json"} if asked.body is not None else {}
    more |= {"If-Match": asked.if_match} if asked.if_match else {}
    return await siege.stage.door.request(
        door.method, asked.path, headers={**headers, **more}, content=asked.body
    )


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """An answer without its trace id, which alone may differ."""
    trace = answer.headers["X-Road-Id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-road-id"}
    return answer.status_code, answer.content.replace(trace.encode(), b"*"), headers


def allowed(door: Door, role: Role, place: Place, purpose: Purpose) -> bool:
    if door.template in ONLY_TO_ENROL and purpose is not Purpose.ENROLMENT:
        return False
    asked = purpose if door.operation in POLICY.touching_a_child else None
    reach = POLICY.reach(role, door.operation, asked, START.date())
    return reach is not None and (door.open_to_all or place in WITHIN[reach])


def by_turns(door: Door, role: Role) -> Purpose:
    """A purpose where any would do, over all doors and roles each as often as any other."""
    turn = list(Operation).index(door.operation) + list(Role).index(role)
    return list(Purpose)[turn % len(Purpose)]


def purposes(door: Door, role: Role) -> list[Purpose]:
    """The purposes that may make a difference; none does where no child is touched."""
    touching = door.operation in POLICY.touching_a_child
    return list(Purpose) if touching else [by_turns(door, role)]


def unlawful(door: Door, role: Role) -> list[tuple[Place, Purpose]]:
    """From where and what for a role must not get through this door."""
    if not POLICY.knows(role, door.operation, START.date()):
        return [(Place.OWN, by_turns(door, role))]
    return [
        (place, purpose)
        for place, purpose in product(Place, Purpose)
        if not allowed(door, role, place, purpose) and not nowhere(door, role, place, purpose)
    ]


def nowhere(door: Door, role: Role, place: Place, purpose: Purpose) -> bool:
    """Whether this is refused wherever the caller sits; then asking from home is enough."""
    asked = purpose if door.operation in POLICY.touching_a_child else None
    return (
        place is not Place.OWN and POLICY.reach(role, door.operation, asked, START.date()) is None
    )


def required(operation: Operation) -> set[str]:
    """The headers without which this operation is not even considered."""
    child = {"Jisui-Purpose", "X-Road-Issue"} if operation in POLICY.touching_a_child else set()
    person = {"X-Road-UserId"} if operation in ACTS_OF_A_PERSON else set()
    return {"Authorization"} | child | person


async def kept(siege: Siege) -> dict[str, str]:
    """What every table holds that a refusal must leave alone, as a hash a table."""
    hashes = {}
    async with siege.stage.ground.database.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in _GROWING:
                rows = (await connection.execute(select(table))).all()
                hashes[table.name] = hashlib.sha256(
                    repr(sorted(map(repr, rows))).encode()
                ).hexdigest()
    return hashes


async def denials(siege: Siege) -> int:
    return sum(entry["action"] == "access.denied" for entry in await siege.stage.entries())


@pytest.mark.parametrize("share", range(SHARES))
async def test_whoever_has_no_right_is_refused_like_absence_and_put_on_record(
    siege: Siege, share: int
):
    before, refused = await kept(siege), 0
    on_record = await denials(siege)
    for door in doors_of(siege)[share::SHARES]:
        first = None  # what every other refusal has to look like
        asked = [(role, *one) for role in Role for one in unlawful(door, role)]
        for role, place, purpose in asked:
            headers = await siege.strangers.headers(role, place, purpose)
            answer = await knock(siege, door, headers)
            first = first or told(answer)
            assert answer.status_code == 404, (door, role, place, purpose)
            assert told(answer) == first, (door, role, place, purpose)
            refused += 1
    assert await kept(siege) == before
    assert await denials(siege) == on_record + refused
    assert refused > 500 / SHARES


async def test_the_absent_reads_like_the_forbidden(siege: Siege):
    compared = 0
    targeting = [door for door in doors_of(siege) if door.names_a_target]
    # What touches no child is forbidden to roles and to no place.
    for door in [door for door in targeting if door.operation in POLICY.touching_a_child]:
        for role, purpose in product(Role, Purpose):
            if not allowed(door, role, Place.OWN, purpose):
                continue
            headers = await siege.strangers.headers(role, Place.OWN, purpose)
            absent = await knock(siege, door, headers, absent=True)
            headers = await siege.strangers.headers(role, Place.OTHER_PROVINCE, purpose)
            forbidden = await knock(siege, door, headers)
            assert absent.status_code == 404, (door, role)
            assert told(absent) == told(forbidden), (door, role)
            compared += 1
    assert compared > 10


async def test_whoever_leaves_something_out_is_told_what_and_changes_nothing(siege: Siege):
    before, on_record = await kept(siege), await denials(siege)
    for door, role in product(doors_of(siege), Role):
        may = [one for one in purposes(door, role) if allowed(door, role, Place.OWN, one)]
        for purpose, left_out in product(may, required(door.operation)):
            headers = await siege.strangers.headers(role, Place.OWN, purpose)
            del headers[left_out]
            answer = await knock(siege, door, headers)
            expected = 401 if left_out == "Authorization" else 400
            assert answer.status_code == expected, (door, role, left_out)
            if expected == 400:
                assert [e["pointer"] for e in answer.json()["errors"]] == [left_out]
    assert await kept(siege) == before
    assert await denials(siege) == on_record


async def test_whoever_has_the_right_gets_through_every_door(siege: Siege):
    opened = set()
    # Withdrawn last: who has left the list is out of its school's reach, by number too.
    doors = sorted(doors_of(siege), key=lambda door: door.template.endswith("/withdrawal"))
    for door, role in product(doors, Role):
        for place, purpose in product(Place, purposes(door, role)):
            if not allowed(door, role, place, purpose):
                continue
            headers = await siege.strangers.headers(role, place, purpose)
            answer = await knock(siege, door, headers)
            assert answer.status_code in (200, 202, 409, 412, 428), (door, role, place, purpose)
            opened.add((door.method, door.template))
    assert opened == {(door.method, door.template) for door in doors_of(siege)}


async def test_a_search_shows_only_what_lies_within_reach(siege: Siege):
    for door in [
        door for door in doors_of(siege) if door.searches and door.template not in _SHEETS
    ]:
        for role, place, purpose in product(Role, Place, Purpose):
            if not allowed(door, role, place, purpose):
                continue
            answer = await knock(siege, door, await siege.strangers.headers(role, place, purpose))
            reach = POLICY.reach(role, door.operation, purpose, START.date())
            found = any(answer.json().values())
            # No child of the work-list waits for a kindergarten.
            waits = role is Role.KINDERGARTEN and door.operation is Operation.WORKLIST_READ
            mine = place in WITHIN[reach] and not waits
            assert found == mine, (door, role, place, purpose)
