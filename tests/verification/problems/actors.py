"""The people of a story: each reads the record, then acts on what was read."""

from collections.abc import Mapping
from typing import Any

from gateway.access.vocabulary import Role
from tests.intake.stage import Stage
from tests.intake.village import SCHOOL

PROOF = {"title": "户口簿首页及本人页", "sha256": "ab" * 32}
EVIDENCE = {"remedy": "evidence", "reason": "与户口簿一致", "proofs": [PROOF]}
DELETION = {"remedy": "deletion", "reason": "重复建籍", "proofs": [PROOF]}
PURPOSE = {Role.PROVINCE: "arbitration", Role.AUDITOR: "audit"}


async def listed(stage: Stage, role: Role = Role.COUNTY, query: str = "") -> list[dict[str, Any]]:
    """The list as this role sees it."""
    answer = await stage.ask("GET", f"/v1/problems{query}", role, purpose=_purpose(role))
    assert answer.status_code == 200, answer.text
    problems: list[dict[str, Any]] = answer.json()["problems"]
    return problems


async def read(
    stage: Stage, problem_id: str, role: Role, **caller: str
) -> tuple[dict[str, Any], str]:
    """One record as this role sees it, and its ETag."""
    path = f"/v1/problems/{problem_id}"
    answer = await stage.ask("GET", path, role, purpose=_purpose(role), **caller)
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["ETag"]


async def act(
    stage: Stage,
    problem_id: str,
    what: str,
    role: Role,
    body: Mapping[str, Any] | None = None,
    **caller: str,
) -> tuple[int, str]:
    """The status and where the record stands, or why not, after acting on what was just read."""
    school = {"institution": caller["institution"]} if "institution" in caller else {}
    area = {"area": caller["area"]} if "area" in caller else {}
    _, etag = await read(stage, problem_id, role, **school, **area)
    answer = await stage.ask(
        "POST",
        f"/v1/problems/{problem_id}/{what}",
        role,
        purpose=_purpose(role),
        if_match=etag,
        json=body,
        **caller,
    )
    told = answer.json()
    if answer.status_code == 200:
        return 200, told["state"]
    return answer.status_code, told["errors"][0]["code"]


async def bring_to_county(
    stage: Stage, problem_id: str, body: Mapping[str, Any] = EVIDENCE, school: str = SCHOOL
) -> None:
    """Let clerk and leader of the school agree on a remedy."""
    who = {"institution": school}
    assert await act(stage, problem_id, "proposal", Role.CLERK, body, **who) == (200, "proposed")
    assert await act(stage, problem_id, "confirmation", Role.LEADER, **who) == (200, "at_county")


def _purpose(role: Role) -> str:
    return PURPOSE.get(role, "enrolment")
