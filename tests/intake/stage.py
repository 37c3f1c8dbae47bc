"""A stage for whole stories: the three registers on sockets, a store, the worker, and the doors.

stage = await staged(village)                       # fixtures: staged, staged_on_each_engine
await stage.submit([ann.row(), ben.row()])          # a list the county confirmed
await stage.work()                                  # everything due is done
assert await stage.situations() == {"1": "offered", "2": "held:not_graduated"}
answer = await stage.ask("POST", f"/v1/handovers/{i}/proposal", Role.CLERK, if_match=etag)
await stage.set_fault("preschool", kind="lost_answer", operation="advance")

Every test has a store of its own; registers stand still in time at the same instant.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI
from sqlalchemy import select

from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.serving import serving
from gateway.access.admission import Access
from gateway.access.demo import register_demo_caller
from gateway.access.vocabulary import Role
from gateway.clock import VirtualClock
from gateway.evidence.tables import entries
from gateway.intake.handover import Handover, load
from gateway.intake.tables import handovers, intake_rows
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.wiring.access import wire_access
from gateway.wiring.doors import wire_app
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.systems import Systems, open_systems
from gateway.wiring.work import schedule_chores, wire_worker
from gateway.worker import Worker
from tests.intake.village import COUNTY, PROVINCE, SCHOOL, Village

START = datetime(2026, 9, 3, 2, tzinfo=UTC)  # Thursday, ten in the morning in Beijing
CLERK, LEADER, OFFICE = "clerk.zhang", "leader.li", "office.wang"
_PERSON = {Role.CLERK: CLERK, Role.LEADER: LEADER, Role.COUNTY: OFFICE}
_AREA = {Role.PROVINCE: PROVINCE, Role.AUDITOR: PROVINCE}


@dataclass
class Stage:
    """One installation with its registers; `clock` stands still until it is moved."""

    ground: Ground
    systems: Systems
    worker: Worker
    clock: VirtualClock
    urls: Mapping[str, str]
    app: FastAPI
    door: httpx.AsyncClient
    outside: httpx.AsyncClient
    tokens: dict[tuple[Role, str], str] = field(default_factory=dict)

    async def submit(
        self,
        rows: Sequence[Mapping[str, str]],
        school: str = SCHOOL,
        by: Role = Role.COUNTY,
        area: str = COUNTY,
    ) -> str:
        """The id of the intake these rows became; handed in by the county they are confirmed."""
        content = json.dumps({"rows": list(rows)}, ensure_ascii=False).encode()
        path = f"/v1/intakes?school={school}"
        answer = await self.ask("POST", path, by, content=content, institution=school, area=area)
        assert answer.status_code == 202, answer.text
        intake_id: str = answer.json()["intake_id"]
        return intake_id

    async def work(self) -> datetime | None:
        """Do everything that is due by the clock; when the next thing will be."""
        return await self.worker.step()

    async def ask(
        self,
        method: str,
        path: str,
        role: Role,
        *,
        user: str | None = None,
        institution: str = SCHOOL,
        area: str = COUNTY,
        purpose: str = "enrolment",
        if_match: str | None = None,
        json: object = None,
        content: bytes | None = None,
        more: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to a request by a person in this role; `institution` is the caller's own."""
        headers = {
            "Authorization": f"Bearer {await self._token(role, institution, area)}",
            "X-Road-UserId": user or _PERSON.get(role, "somebody"),
            "X-Road-Issue": "case-1",
            "Jisui-Purpose": purpose,
        }
        headers |= more or {}
        if if_match is not None:
            headers["If-Match"] = if_match
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        return await self.door.request(method, path, headers=headers, json=json, content=content)

    async def handovers(self, school: str = SCHOOL) -> dict[str, Handover]:
        """A school's handovers by 序号."""
        query = (
            select(intake_rows.c.row, handovers.c.handover_id)
            .join(handovers, handovers.c.handover_id == intake_rows.c.handover_id)
            .where(handovers.c.school == school)
            .order_by(intake_rows.c.intake_id, intake_rows.c.line)
        )
        async with self.ground.database.reading() as connection:
            rows = (await connection.execute(query)).all()
            loaded = await load(connection, {row.handover_id for row in rows})
        by_id = {handover.handover_id: handover for handover in loaded}
        return {row.row: by_id[row.handover_id] for row in rows}

    async def situations(self, school: str = SCHOOL) -> dict[str, str]:
        """Where a school's children stand, by 序号: `offered`, `held:not_graduated`…"""
        found = await self.handovers(school)
        return {row: str(handover.situation) for row, handover in found.items()}

    async def handover(self, row: str, school: str = SCHOOL) -> Handover:
        """One handover."""
        return (await self.handovers(school))[row]

    async def entries(self) -> list[dict[str, Any]]:
        """Every entry of the evidence as its canonical bytes say it, oldest first."""
        written = select(entries.c.canonical).order_by(entries.c.entry_id)
        async with self.ground.database.reading() as connection:
            rows = (await connection.execute(written)).scalars().all()
        return [json.loads(row[1:]) for row in rows]

    async def records(self, system: str) -> list[dict[str, Any]]:
        """What a register holds."""
        return await self._shown(system, "records")

    async def requests(self, system: str, operation: str) -> list[dict[str, Any]]:
        """What a register was asked of this kind, oldest first."""
        asked = await self._shown(system, "requests")
        return [call for call in asked if call["operation"] == operation]

    async def change(self, system: str, find: Mapping[str, str], to: Mapping[str, str]) -> None:
        """Let a register's own staff change records: those with these cells, to those."""
        wish = {"find": dict(find), "set": dict(to)}
        answer = await self.outside.post(f"{self.urls[system]}/_simulator/records", json=wish)
        assert answer.json()["changed"] >= 1, answer.text

    async def set_fault(self, system: str, *faults: Mapping[str, object]) -> None:
        """Arm these faults in place of all others; none clears them."""
        answer = await self.outside.post(
            f"{self.urls[system]}/_simulator/faults", json={"script": list(faults)}
        )
        assert answer.status_code == 200, answer.text

    async def _shown(self, system: str, what: str) -> list[dict[str, Any]]:
        answer = await self.outside.get(f"{self.urls[system]}/_simulator/{what}")
        shown: list[dict[str, Any]] = answer.json()
        return shown

    async def _token(self, role: Role, institution: str, area: str) -> str:
        known = (role, institution if role in (Role.CLERK, Role.LEADER) else area)
        if known not in self.tokens:
            ground = self.ground
            caller = await register_demo_caller(
                ground.database,
                ground.log,
                ground.clock,
                ground.identifiers,
                role=role,
                institution=institution,
                area=_AREA.get(role, area),
            )
            self.tokens[known] = caller.client_id
        # A token lives for minutes, a story may take weeks of its clock.
        return self._access.grant_token(self.tokens[known]).token

    @cached_property
    def _access(self) -> Access:
        return wire_access(self.ground)


@asynccontextmanager
async def open_stage(
    url: str,
    folder: Path,
    village: Village,
    further: Mapping[str, Mapping[str, object]] | None = None,
    **intake: object,
) -> AsyncIterator[Stage]:
    """The stage over a migrated store, with `further` systems; other arguments are of intake."""
    clock = VirtualClock(START)
    licence = folder / "licence"
    licence.write_text(DEMO_LICENCE, encoding="utf-8")
    async with AsyncExitStack() as open_things:
        urls = {
            system.name: await open_things.enter_async_context(
                serving(system.simulate(village.world, SimulatorClock(START)))
            )
            for system in SYSTEMS
        }
        open_keys(folder / "keys", create=True)
        settings = load_settings(
            database_url=url,
            keys_folder=folder / "keys",
            intake=intake,
            verification={"patience_seconds": 30.0},
            systems={
                "preschool": {"url": urls["preschool"], "seconds": 2.0},
                "student_status": {"url": urls["student_status"], "seconds": 2.0},
                "population": {"url": urls["population"], "licence_file": licence},
                **(further or {}),
            },
        )
        ground = await open_things.enter_async_context(open_ground(settings, clock))
        systems = await open_things.enter_async_context(open_systems(ground))
        app = wire_app(ground, systems)
        transport = httpx.ASGITransport(app)
        # Nothing here speaks TLS, and loading the world's certificates takes longer than a test.
        door = httpx.AsyncClient(transport=transport, base_url="http://gateway", verify=False)
        outside = httpx.AsyncClient(verify=False)
        await open_things.enter_async_context(door)
        await open_things.enter_async_context(outside)
        await schedule_chores(ground, systems)
        worker = wire_worker(ground, systems)
        yield Stage(ground, systems, worker, clock, urls, app, door, outside)
