"""The whole gateway with a list in it, and callers of every role in every place."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.access.looks import stops as looks
from gateway.access.looks.thresholds import Signal as Pulling
from gateway.access.vocabulary import Role
from gateway.intake.handover import Handover
from gateway.verification.enrolment_queries.stops import Signal, Stop, stop
from gateway.verification.problems.findings import Finding, raise_findings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.tables import problem_records
from tests.attacks.strangers import Strangers
from tests.attacks.subscriber import a_snapshot, a_ticket
from tests.feed.province import subscribe
from tests.intake.stage import Stage, open_stage
from tests.intake.village import COUNTY, SCHOOL, Child, Village


@dataclass(frozen=True)
class Siege:
    """A stage with one school's list on it, as those outside see it."""

    stage: Stage
    strangers: Strangers
    intake_id: str
    handover_id: str
    problem_id: str
    verification_id: str
    query_id: str
    stop_id: str
    access_stop_id: str
    batch_id: str
    snapshot_id: str
    ticket: str
    round_id: str
    roster_id: str
    receipt_id: str
    correction_id: str
    subscription_id: str = "ours"

    @property
    def ids(self) -> dict[str, str]:
        """The things of the school's that a path can name."""
        names = ("intake_id", "handover_id", "problem_id", "verification_id")
        names += (
            "query_id",
            "stop_id",
            "access_stop_id",
            "batch_id",
            "snapshot_id",
            "ticket",
            "subscription_id",
        )
        names += ("round_id", "roster_id", "receipt_id", "correction_id")
        return {name: getattr(self, name) for name in names}


@pytest.fixture
def village() -> Village:
    """An empty village to fill."""
    return Village()


@pytest.fixture
async def siege(migrated_sqlite_url: str, tmp_path: Path, village: Village) -> AsyncIterator[Siege]:
    """The siege, on SQLite."""
    async with lay_siege(migrated_sqlite_url, tmp_path, village) as laid:
        yield laid


@asynccontextmanager
async def lay_siege(url: str, folder: Path, village: Village) -> AsyncIterator[Siege]:
    """One child matched and waiting for its school, on a list the county confirmed."""
    child = village.child(1)
    async with open_stage(url, folder, village) as stage:
        intake_id = await stage.submit([child.row()])
        await stage.work()
        handover = await stage.handover("1")
        problem_id = await _with_a_problem(stage, handover)
        verification_id = await _verified(stage, child)
        strangers = Strangers(stage.ground)
        await subscribe(
            stage.ground.database, "ours", institution=SCHOOL, sealer=stage.ground.sealer
        )
        query_id = await _urgently_asked(stage, child)
        stops = await _stopped(stage, query_id), await _looked_too_much(stage)
        batch_id = await _handed_in(stage, child)
        held = (intake_id, handover.handover_id, problem_id, verification_id, query_id, *stops)
        ready = await a_snapshot(stage, "ours"), await a_ticket(stage, "ours", child, SCHOOL)
        rounds = await _gone_round(stage, child)
        noticed = await _noticed(stage, child)
        yield Siege(stage, strangers, *held, batch_id, *ready, *rounds, *noticed)


async def _gone_round(stage: Stage, child: Child) -> tuple[str, str]:
    """A semester's round of the county, and the roster of a class of the school's."""
    term = {"school_year": "2026-2027", "semester": 2}
    path, purpose = "/v1/periodic-rounds", "supervision"
    begun = await stage.ask("POST", path, Role.COUNTY, purpose=purpose, json=term)
    round_id = str(begun.json()["round_id"])
    one = {"name": child.name, "sex": "1", "born_on": child.born_on}
    body = {"class_name": "1", "children": [one]}
    listed = await stage.ask("POST", f"{path}/{round_id}/rosters", Role.CLERK, json=body)
    return round_id, str(listed.json()["roster_id"])


async def _noticed(stage: Stage, child: Child) -> tuple[str, str]:
    """What a notice of public security made of the child's record."""
    sent = {"kind": "renamed", "citizen_number": child.document, "name": child.name}
    body = {"notices": [{**sent, "new_name": "x"}]}
    path, role = "/v1/identity-notices", Role.PUBLIC_SECURITY
    received = await stage.ask("POST", path, role, purpose="population", json=body)
    listed = await stage.ask("GET", "/v1/identity-corrections", Role.COUNTY)
    return str(received.json()["receipt_id"]), str(listed.json()["corrections"][0]["correction_id"])


async def _verified(stage: Stage, child: Child) -> str:
    """A single query of the school's clerk, answered."""
    told = {"document": {"number": child.document}, "name": child.name}
    answer = await stage.ask("POST", "/v1/verifications", Role.CLERK, json=told)
    return str(answer.json()["verification_id"])


async def _handed_in(stage: Stage, child: Child) -> str:
    """A batch of the school's clerk, not asked about yet."""
    content = json.dumps({"rows": [child.row()]}, ensure_ascii=False).encode()
    answer = await stage.ask("POST", "/v1/verification-batches", Role.CLERK, content=content)
    return str(answer.json()["batch_id"])


async def _urgently_asked(stage: Stage, child: Child) -> str:
    """An urgent enrolment query of a unit that bears the school's code."""
    one = {"document": {"number": child.document}, "name": child.name}
    body = {"children": [one], "approver": "somebody else", "urgent": True}
    path, role = "/v1/enrolment-queries", Role.PUBLIC_SECURITY
    answer = await stage.ask("POST", path, role, json=body, purpose="missing_child")
    return str(answer.json()["query_id"])


async def _stopped(stage: Stage, query_id: str) -> str:
    """A stop of a unit that none of those outside belongs to."""
    officer = ("officer", "approver", Signal.MISSES, query_id, stage.clock.now())
    stopped = Stop(stage.ground.identifiers(), "980001010000", *officer)
    async with stage.ground.database.transaction() as connection:
        await stop(connection, stopped)
    return stopped.stop_id


async def _looked_too_much(stage: Stage) -> str:
    """A stop of somebody at the school."""
    stop_id, at = stage.ground.identifiers(), stage.clock.now()
    made = looks.Stop(stop_id, SCHOOL, COUNTY, "clerk.too", "enrolment", Pulling.CHILDREN, at)
    async with stage.ground.database.transaction() as connection:
        await looks.stop(connection, made)
    return stop_id


async def _with_a_problem(stage: Stage, handover: Handover) -> str:
    """The problem record of a child that its school's roster does not show."""
    held = (handover.handover_id, handover.key_id, handover.school, handover.area)
    absent = Finding(*held, ProblemClass.ROSTER_MISMATCH)
    async with stage.ground.database.transaction() as connection:
        await raise_findings(connection, [absent], stage.clock.now())
    await stage.work()
    async with stage.ground.database.reading() as connection:
        opened = await connection.execute(select(problem_records.c.problem_id))
        return str(opened.scalar_one())
