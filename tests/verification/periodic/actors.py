"""The people of a round: an office starts and closes it, clerks and leaders sign their rosters."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access.vocabulary import Role
from tests.intake.stage import Stage
from tests.intake.village import SCHOOL, Child

ROUNDS = "/v1/periodic-rounds"
TERM = {"school_year": "2026-2027", "semester": 1}


async def start(stage: Stage, role: Role = Role.COUNTY, **caller: Any) -> dict[str, Any]:
    """A round of the office's area."""
    answer = await stage.ask("POST", ROUNDS, role, purpose="supervision", json=TERM, **caller)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def course(stage: Stage, round_id: str, role: Role = Role.COUNTY) -> dict[str, Any]:
    """How far the round has come."""
    purpose = "enrolment" if role is Role.CLERK else "supervision"
    answer = await stage.ask("GET", f"{ROUNDS}/{round_id}", role, purpose=purpose)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def listed(child: Child, **changed: Any) -> dict[str, Any]:
    """A child as its class lists it."""
    sex = "1" if child.sex == "男" else "2"
    told = {"name": child.name, "sex": sex, "born_on": child.born_on}
    return told | {"document_number": child.document} | changed


async def hand_in(
    stage: Stage,
    round_id: str,
    children: Sequence[Mapping[str, Any]],
    class_name: str = "一（1）班",
    role: Role = Role.CLERK,
    **caller: Any,
) -> tuple[int, str]:
    """The roster's id, or why it was refused."""
    body = {"class_name": class_name, "children": list(children)}
    path = f"{ROUNDS}/{round_id}/rosters"
    answer = await stage.ask("POST", path, role, json=body, **caller)
    told = answer.json()
    if answer.status_code == 200:
        return 200, told["roster_id"]
    return answer.status_code, (told.get("errors") or [{"code": ""}])[0]["code"]


async def read(
    stage: Stage, roster_id: str, role: Role = Role.CLERK, **caller: Any
) -> tuple[dict[str, Any], str]:
    """A roster and its ETag."""
    answer = await stage.ask("GET", f"/v1/periodic-rosters/{roster_id}", role, **caller)
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["ETag"]


async def mark(
    stage: Stage,
    roster_id: str,
    *marks: tuple[int, str],
    reason: str = "随父母迁居",
    role: Role = Role.CLERK,
    **caller: Any,
) -> tuple[int, str]:
    """Mark children by place."""
    body = {
        "marks": [
            {"place": place, "presence": presence}
            | ({} if presence == "present" else {"reason": reason})
            for place, presence in marks
        ]
    }
    return await _act(stage, roster_id, "marks", role, body, **caller)


async def confirm(
    stage: Stage, roster_id: str, role: Role = Role.CLERK, **caller: Any
) -> tuple[int, str]:
    """The clerk has been through it."""
    return await _act(stage, roster_id, "confirmation", role, **caller)


async def sign(stage: Stage, roster_id: str, **caller: Any) -> tuple[int, str]:
    """The leader signs it."""
    return await _act(stage, roster_id, "signature", Role.LEADER, **caller)


async def signed(
    stage: Stage,
    round_id: str,
    children: Sequence[Mapping[str, Any]],
    *marks: tuple[int, str],
    class_name: str = "一（1）班",
    school: str = SCHOOL,
    clerk: Role = Role.CLERK,
) -> str:
    """A class listed, marked and signed."""
    who = {"institution": school}
    status, roster_id = await hand_in(stage, round_id, children, class_name, clerk, **who)
    assert status == 200, roster_id
    told = marks or [(place, "present") for place in range(1, len(children) + 1)]
    assert await mark(stage, roster_id, *told, role=clerk, **who) == (200, "open")
    assert await confirm(stage, roster_id, clerk, **who) == (200, "confirmed")
    assert await sign(stage, roster_id, **who) == (200, "signed")
    return roster_id


async def close(stage: Stage, round_id: str) -> None:
    """The county closes the round, and the worker goes through the records."""
    path = f"{ROUNDS}/{round_id}/closure"
    answer = await stage.ask("POST", path, Role.COUNTY, purpose="supervision")
    assert answer.status_code == 200, answer.text
    await stage.work()


async def report(
    stage: Stage, round_id: str, purpose: str = "enrolment", query: str = ""
) -> list[dict[str, Any]]:
    """What differs, as the county reads it."""
    path = f"{ROUNDS}/{round_id}/report{query}"
    answer = await stage.ask("GET", path, Role.COUNTY, purpose=purpose)
    assert answer.status_code == 200, answer.text
    differences: list[dict[str, Any]] = answer.json()["differences"]
    return differences


async def _act(
    stage: Stage,
    roster_id: str,
    what: str,
    role: Role,
    body: Mapping[str, Any] | None = None,
    **caller: Any,
) -> tuple[int, str]:
    school = {"institution": caller["institution"]} if "institution" in caller else {}
    _, etag = await read(stage, roster_id, role, **school)
    path = f"/v1/periodic-rosters/{roster_id}/{what}"
    answer = await stage.ask("POST", path, role, if_match=etag, json=body, **caller)
    told = answer.json()
    if answer.status_code == 200:
        return 200, told["state"]
    return answer.status_code, told["errors"][0]["code"]
