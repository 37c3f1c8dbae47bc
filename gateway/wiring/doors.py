"""The HTTP door: every room's routes in the shell."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter, FastAPI

from gateway.access.admission import Access
from gateway.access.looks.routes import access_stop_routes
from gateway.api.app import Shell, create_app
from gateway.api.health import Lane, database_answers
from gateway.api.telling import telling
from gateway.feed.digests.routes import digest_routes
from gateway.feed.pulling.desk import Desk as PullDesk
from gateway.feed.pulling.routes import pull_routes
from gateway.feed.silence.routes import incident_routes
from gateway.feed.snapshots.routes import snapshot_routes
from gateway.feed.subscribing.claim_routes import claim_routes
from gateway.intake.acts.acting import Acting
from gateway.intake.acts.previewing import Previewing
from gateway.intake.doors.county_routes import county_routes
from gateway.intake.doors.decision_routes import decision_routes
from gateway.intake.doors.desk import Desk
from gateway.intake.doors.handover_routes import handover_routes
from gateway.intake.doors.routes import intake_routes
from gateway.intake.doors.worklist import reaches
from gateway.intake.doors.worklist_routes import worklist_routes
from gateway.intake.handing_in.confirming import Confirming
from gateway.intake.handing_in.drafting import Drafting
from gateway.intake.handing_in.receiving import Receiving
from gateway.intake.lists import Limits
from gateway.metrics import open_metrics
from gateway.people.routes import Numbers, number_routes
from gateway.shared.wakeups import WORK
from gateway.verification.batches.doors.result_routes import batch_result_routes
from gateway.verification.batches.doors.routes import PATH as BATCHES
from gateway.verification.batches.doors.routes import batch_routes, steering_routes
from gateway.verification.enrolment_queries.doors.routes import enrolment_routes
from gateway.verification.enrolment_queries.doors.stop_routes import stop_routes
from gateway.verification.notices.doors.routes import notice_routes
from gateway.verification.periodic.doors.report_routes import report_routes
from gateway.verification.periodic.doors.roster_routes import roster_routes
from gateway.verification.periodic.doors.routes import round_routes
from gateway.verification.problems.doors.act_routes import problem_act_routes
from gateway.verification.problems.doors.routes import problem_routes
from gateway.verification.queries.routes import PATH as QUERIES
from gateway.verification.queries.routes import query_routes
from gateway.wiring.access import wire_access, wire_stop_desk
from gateway.wiring.auditing_doors import wire_auditing
from gateway.wiring.batches import wire_batch_desk
from gateway.wiring.enrolment_queries import wire_enrolment_desk
from gateway.wiring.evidence import wire_witnessing
from gateway.wiring.ground import Ground
from gateway.wiring.notices import wire_notice_desk
from gateway.wiring.periodic import wire_periodic_desk
from gateway.wiring.problems import wire_problem_desk
from gateway.wiring.publishing import wire_publisher
from gateway.wiring.pulling import wire_pull_desk
from gateway.wiring.silence import measuring_feeds
from gateway.wiring.snapshots import wire_claiming, wire_snapshot_desk
from gateway.wiring.systems import Systems, wire_registers
from gateway.wiring.verification import wire_keys, wire_query_desk


def wire_app(ground: Ground, systems: Systems) -> FastAPI:
    """The whole HTTP door."""
    access = wire_access(ground)
    shell = _shell(ground, access)
    queries = wire_query_desk(ground, systems, access)
    pulling = wire_pull_desk(ground, access)
    desk = _desk(ground, systems, access)
    routers = [
        # First, because an address is compared with one router after the other.
        query_routes(queries, access, wire_keys(ground), ground.clock),
        *_intake(ground, systems, access, desk),
        *_cases(ground, systems, access),
        *_batches(ground, systems, access, desk),
        *_feeds(ground, access, pulling),
        access_stop_routes(wire_stop_desk(ground, access)),
        *wire_auditing(ground, access),
    ]

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        publishing = asyncio.create_task(wire_publisher(ground).follow(), name="publishing")
        async with measuring_feeds(ground, shell.metrics.registry):
            yield
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await pulling.heads.close()
        await queries.close()
        if shell.witnessing is not None:
            await shell.witnessing.close()

    app = create_app(routers, shell, living)
    # A single query is asked by the door itself, and changes nothing that is published.
    app.add_middleware(telling, tell=partial(ground.wakeups.publish, WORK), untold={QUERIES})
    return app


def _shell(ground: Ground, access: Access) -> Shell:
    return Shell(
        access=access,
        metrics=open_metrics(),
        new_trace_id=ground.identifiers,
        checks={"database": database_answers(ground.database)},
        lanes=lambda: _lanes(ground),
        body_limit=ground.settings.limits.body_bytes,
        body_limits={BATCHES: ground.settings.batches.body_bytes},
        witnessing=wire_witnessing(ground),
    )


def _intake(ground: Ground, systems: Systems, access: Access, desk: Desk) -> list[APIRouter]:
    return [
        intake_routes(desk),
        worklist_routes(desk),
        handover_routes(desk, _previewing(ground, systems), ground.crosswalks),
        decision_routes(desk, wire_acting(ground)),
        county_routes(desk, wire_acting(ground)),
        number_routes(_numbers(ground, access)),
    ]


def _cases(ground: Ground, systems: Systems, access: Access) -> list[APIRouter]:
    """Problem records, periodic rounds and notices."""
    problems = wire_problem_desk(ground, systems, access)
    periodic = wire_periodic_desk(ground, systems, access)
    return [
        problem_routes(problems),
        problem_act_routes(problems),
        round_routes(periodic),
        roster_routes(periodic),
        report_routes(periodic),
        notice_routes(wire_notice_desk(ground, systems, access)),
    ]


def _batches(ground: Ground, systems: Systems, access: Access, desk: Desk) -> list[APIRouter]:
    """Verification batches, and what public security asks."""
    batches = wire_batch_desk(ground, systems, access, desk.require_school)
    enrolments = wire_enrolment_desk(ground, access)
    return [
        batch_routes(batches),
        steering_routes(batches),
        batch_result_routes(batches),
        enrolment_routes(enrolments),
        stop_routes(enrolments),
    ]


def _feeds(ground: Ground, access: Access, pulling: PullDesk) -> list[APIRouter]:
    return [
        pull_routes(pulling),
        digest_routes(pulling),
        snapshot_routes(wire_snapshot_desk(ground, access)),
        claim_routes(wire_claiming(ground, access)),
        incident_routes(ground.database, access),
    ]


def _desk(ground: Ground, systems: Systems, access: Access) -> Desk:
    registers = wire_registers(ground, systems)

    async def learn(schools: set[str]) -> None:
        await registers.learn_places(schools, set())

    return Desk(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        access=access,
        receiving=Receiving(
            Drafting(ground.crosswalks, ground.sealer, ground.identifiers), ground.moves
        ),
        confirming=Confirming(ground.sealer, ground.clock, ground.moves),
        wordings=ground.moves.turns.wordings,
        limits=_limits(ground),
        learn_places=learn,
    )


def wire_acting(ground: Ground) -> Acting:
    """What people's acts on handovers need."""
    return Acting(
        ground.sealer,
        ground.clock,
        ground.moves,
        ground.people,
        ground.windows,
        ground.settings.intake.county_approval,
    )


def _previewing(ground: Ground, systems: Systems) -> Previewing:
    registers = wire_registers(ground, systems)
    return Previewing(ground.database, ground.sealer, ground.people, registers)


def _numbers(ground: Ground, access: Access) -> Numbers:
    return Numbers(
        database=ground.database,
        people=ground.people,
        sealer=ground.sealer,
        log=ground.log,
        access=access,
        reaches=reaches,
    )


def _limits(ground: Ground) -> Limits:
    limits = ground.settings.limits
    return Limits(limits.body_bytes, limits.rows, limits.cell_bytes)


async def _lanes(ground: Ground) -> Sequence[Lane]:
    """Each system's lane, and those of its operations that are closed."""
    async with ground.database.reading() as connection:
        standings = await ground.calls.standings(connection)
    now = ground.clock.now()
    return [
        Lane(system=system, operation=operation, state=state, reason=reason)
        for system, standing in standings.items()
        for operation, state, reason in standing.told(now)
    ]
