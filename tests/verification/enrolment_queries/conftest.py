"""A stage for enrolment queries: Ann is carried to a school, Ben left one, Cleo is far away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from gateway.access.vocabulary import Role
from tests.intake.stage import Stage, open_stage
from tests.intake.village import COUNTY, OTHER_COUNTY, RIVAL, Child, Village, _institution, person

ANN, BEN, CLEO, DAN, NOBODY, SMALL = (person(serial) for serial in (1, 2, 3, 4, 5, 6))
FAR_SCHOOL, FAR_COUNTY = "9800010300", "980001"
UNIT, OTHER_UNIT, FAR_UNIT = "999999010000", "990001010000", "980001010000"
AREAS = {UNIT: COUNTY, OTHER_UNIT: OTHER_COUNTY, FAR_UNIT: FAR_COUNTY}
OFFICER, APPROVER = "012345", "054321"


def child(one: Child, **changed: Any) -> dict[str, Any]:
    """A child as public security asks about it."""
    return {"document": {"kind": "1", "number": one.document}, "name": one.name} | changed


@dataclass(frozen=True)
class Bureau:
    """A public-security unit at its terminal."""

    stage: Stage

    async def ask(
        self,
        *children: Mapping[str, Any],
        unit: str = UNIT,
        officer: str = OFFICER,
        approver: str = APPROVER,
        purpose: str = "case",
        urgent: bool = False,
        key: str | None = None,
    ) -> httpx.Response:
        """The answer to a query about these children."""
        return await self.send(
            "POST",
            "/v1/enrolment-queries",
            unit=unit,
            officer=officer,
            purpose=purpose,
            json={"children": list(children), "approver": approver, "urgent": urgent},
            more={"Idempotency-Key": key} if key else {},
        )

    async def says(self, *children: Mapping[str, Any], **how: Any) -> list[dict[str, Any]]:
        """What is said of each of these children."""
        answer = await self.ask(*children, **how)
        assert answer.status_code == 200, answer.text
        answers: list[dict[str, Any]] = answer.json()["answers"]
        return answers

    async def send(
        self,
        method: str,
        path: str,
        *,
        unit: str = UNIT,
        officer: str = OFFICER,
        purpose: str = "case",
        json: object = None,
        more: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to anything a unit sends."""
        role, area = Role.PUBLIC_SECURITY, AREAS[unit]
        who = {"institution": unit, "area": area, "user": officer, "purpose": purpose}
        return await self.stage.ask(method, path, role, json=json, more=more, **who)

    async def shield(self, one: Child, *, shielded: bool = True) -> None:
        """Have the county shield a child, or no more."""
        body = {
            "document": {"number": one.document},
            "shielded": shielded,
            "approver": "leader.zhao",
        }
        answer = await self.stage.ask(
            "POST", "/v1/enrolment-shields", Role.COUNTY, json=body, purpose="supervision"
        )
        assert answer.status_code == 200, answer.text

    async def entries(self, action: str) -> Sequence[dict[str, Any]]:
        """The entries of one action, oldest first."""
        return [entry for entry in await self.stage.entries() if entry["action"] == action]


def village() -> Village:
    """Ann and Small are in the kindergarten register, the others are pupils."""
    told = Village()
    told.schools.append(_institution(FAR_SCHOOL, "小学", FAR_COUNTY))
    told.child(ANN.serial)
    told.child(SMALL.serial, "待核准", 入园日期="2023-09-01")
    told.pupil(BEN, RIVAL)
    told.pupil(CLEO, FAR_SCHOOL, 学籍状态="休学")
    told.pupil(DAN, RIVAL)
    return told


# What the registers' feeds tell: Ben leaves school, Cleo is back, Dan's approval is withdrawn,
# Small's kindergarten record is approved.
_CHANGES = (
    ("student_status", BEN, {"学籍状态": "退学"}),
    ("student_status", CLEO, {"学籍状态": "在读"}),
    ("student_status", DAN, {"审核状态": "待核准"}),
    ("preschool", SMALL, {"学籍状态": "在园"}),
)


@pytest.fixture
async def bureau(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Bureau]:
    """A unit, when Ann has been carried and both registers' feeds have been read."""
    async with open_stage(
        migrated_sqlite_url, tmp_path, village(), automatic_acceptance=True
    ) as stage:
        for system, one, cells in _CHANGES:
            await stage.change(system, {"学籍号": one.number}, cells)
        await stage.submit([ANN.row()])
        await stage.work()
        assert await stage.situations() == {"1": "carried"}
        yield Bureau(stage)
