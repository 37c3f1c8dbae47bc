"""The only place that constructs: settings become a store, adapters, rooms, and their doors."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from adapters import registry
from adapters.transport import Client, open_client
from contracts.capabilities import Changes, IdentityCheck, Reply
from gateway.access.admission import Access, Signatory
from gateway.access.keys import signing_key
from gateway.access.policy import load_policy
from gateway.calls.exchange import Calls
from gateway.clock import Clock, SystemClock
from gateway.collecting.feeds import Apply, Feed
from gateway.database import Database, open_database
from gateway.evidence import Log
from gateway.identifiers import Identifiers
from gateway.intake.asking import PRESCHOOL, STUDENT_STATUS, Registers
from gateway.intake.carrying import CARRY, Carrying
from gateway.intake.deadlines import Deadlines
from gateway.intake.deciding import Deciding
from gateway.intake.looking import DECIDE, LOOK, Looking
from gateway.intake.moves import Moves
from gateway.intake.reloading import Reloading
from gateway.intake.situations import load_wordings
from gateway.intake.turns import Turns
from gateway.intake.waking import Waking
from gateway.intake.windows import Window, Windows
from gateway.keys import Keys, open_keys
from gateway.people.numbers import People
from gateway.sealing import Sealer
from gateway.settings import InvalidSettings, Population, Settings, Span, System
from gateway.upkeep import Chore
from gateway.verification.asking import Verifying
from gateway.verification.query import VERIFY
from gateway.worker import Lane, Worker
from gateway.working_days import WorkingDays, load_overrides
from mappings import Crosswalks

R = TypeVar("R")


class Read(Protocol[R]):
    """How an adapter reads its change feed."""

    async def __call__(self, after: int, limit: int, *, trace_id: str) -> Reply[Changes[R]]:
        """The changes after a version."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What both doors stand on: the store, its keys, the evidence, time and chance."""

    settings: Settings
    database: Database
    keys: Keys
    sealer: Sealer
    clock: Clock
    identifiers: Identifiers
    log: Log
    crosswalks: Crosswalks

    @property
    def people(self) -> People:
        """The person index."""
        return People(self.sealer, self.identifiers)

    @property
    def moves(self) -> Moves:
        """How handovers are moved."""
        return Moves(self.sealer, self.clock, self.log, self.turns)

    @property
    def turns(self) -> Turns:
        """Whose turn it is, by working days."""
        overrides = load_overrides(self.settings.intake.holidays_file)
        return Turns(load_wordings(), WorkingDays(overrides))

    @property
    def windows(self) -> Windows:
        """When each operation is open."""
        return Windows({CARRY: _windows(self.settings.intake.windows.carry)})


@asynccontextmanager
async def open_ground(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Ground]:
    """The ground both doors stand on; closes the store at the end."""
    clock = clock or SystemClock()
    identifiers = Identifiers(clock, secrets.token_bytes)
    keys = open_keys(settings.keys_folder, create=settings.embedded)
    database = open_database(settings.database_url)
    try:
        yield Ground(
            settings=settings,
            database=database,
            keys=keys,
            sealer=Sealer(keys.file, keys.index),
            clock=clock,
            identifiers=identifiers,
            log=Log(settings.evidence_log, clock, identifiers),
            crosswalks=Crosswalks(settings.intake.crosswalks),
        )
    finally:
        await database.close()


def wire_access(ground: Ground) -> Access:
    """Who may do what, decided for every request."""
    address = ground.settings.public_url.rstrip("/")
    signatory = Signatory(signing_key(ground.keys.token), address, f"{address}/v1/token")
    policy = load_policy()
    return Access(ground.database, ground.log, ground.clock, ground.identifiers, signatory, policy)


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems we ask, each through its adapter."""

    preschool: registry.PreschoolSystem
    student_status: registry.StudentStatusSystem
    population: IdentityCheck


@asynccontextmanager
async def open_systems(ground: Ground) -> AsyncIterator[Systems]:
    """Adapters over open clients; closes the clients at the end."""
    systems = ground.settings.systems
    async with AsyncExitStack() as clients:
        preschool = await clients.enter_async_context(_client(systems.preschool))
        students = await clients.enter_async_context(_client(systems.student_status))
        population = await clients.enter_async_context(_client(systems.population))
        yield Systems(
            registry.open_preschool(preschool, ground.crosswalks),
            registry.open_student_status(students, ground.crosswalks),
            _population(population, systems.population),
        )


def wire_worker(ground: Ground, systems: Systems) -> Worker:
    """The worker with its lanes."""
    calls = wire_calls(ground)
    lanes = {
        "look": Lane((LOOK,), _looking(ground, systems, calls).step),
        "verify": Lane((VERIFY,), _verifying(ground, systems, calls).step),
        "decide": Lane((DECIDE,), _deciding(ground).step),
        "carry": Lane((CARRY,), _carrying(ground, systems, calls).step),
    }
    for chore in wire_chores(ground, systems, calls):
        lanes[chore.kind] = Lane((chore.kind,), chore.step)
    return Worker(ground.database, ground.clock, lanes)


def wire_calls(ground: Ground) -> Calls:
    """Recorded calls with the deadlines and limits that are set for each system."""
    named = ground.settings.systems.named()
    return Calls(
        ground.log,
        ground.clock,
        ground.identifiers,
        seconds={name: system.seconds for name, system in named.items()},
        at_once={name: system.at_once for name, system in named.items()},
    )


def wire_chores(ground: Ground, systems: Systems, calls: Calls) -> list[Chore]:
    """What comes round again: feeds, deadlines, crosswalks, open calls, the log's numbering."""
    waking = Waking(ground.sealer, ground.clock, ground.people, ground.moves)
    settings = ground.settings
    preschool = _feed(
        ground, calls, PRESCHOOL, systems.preschool.preschool_changes, waking.preschool
    )
    students = _feed(
        ground, calls, STUDENT_STATUS, systems.student_status.student_changes, waking.students
    )
    deadlines = Deadlines(
        ground.database,
        ground.sealer,
        ground.clock,
        ground.moves,
        settings.intake.reporting_deadline,
    )
    reloading = Reloading(ground.database, ground.clock, ground.crosswalks)

    async def close_open() -> None:
        async with ground.database.transaction() as connection:
            await calls.close_open(connection)

    chores = {
        "collect_preschool": (settings.collect_seconds, preschool.collect),
        "collect_students": (settings.collect_seconds, students.collect),
        "deadlines": (3600.0, deadlines.check),
        "crosswalks": (60.0, reloading.check),
        "open_calls": (30.0, close_open),
        "number_log": (1.0, lambda: number_log(ground)),
    }
    return [
        Chore(kind, seconds, run, ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]


async def number_log(ground: Ground) -> None:
    """Number every entry committed so far."""
    while True:
        async with ground.database.transaction() as connection:
            if not await ground.log.number(connection):
                return


async def schedule_chores(ground: Ground, systems: Systems) -> None:
    """Have every chore run soon, in a store that may be new."""
    async with ground.database.transaction() as connection:
        for chore in wire_chores(ground, systems, wire_calls(ground)):
            await chore.schedule(connection)


def _looking(ground: Ground, systems: Systems, calls: Calls) -> Looking:
    registers = Registers(
        ground.database,
        ground.sealer,
        ground.clock,
        calls,
        systems.preschool,
        systems.student_status,
        {PRESCHOOL: systems.preschool, STUDENT_STATUS: systems.student_status},
    )
    patience = ground.settings.verification.patience_seconds
    return Looking(ground.database, ground.sealer, ground.clock, registers, ground.people, patience)


def _verifying(ground: Ground, systems: Systems, calls: Calls) -> Verifying:
    verification = ground.settings.verification
    return Verifying(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=calls,
        register=systems.population,
        unit=verification.unit,
        business=verification.business,
    )


def _deciding(ground: Ground) -> Deciding:
    return Deciding(
        ground.database,
        ground.sealer,
        ground.clock,
        ground.crosswalks,
        ground.moves,
        ground.windows,
        ground.settings.intake.automatic_acceptance,
    )


def _carrying(ground: Ground, systems: Systems, calls: Calls) -> Carrying:
    return Carrying(
        ground.database,
        ground.sealer,
        ground.clock,
        calls,
        ground.moves,
        systems.student_status,
        systems.preschool,
    )


def _feed(ground: Ground, calls: Calls, system: str, read: Read[R], apply: Apply[R]) -> Feed[R]:
    async def page(after: int, limit: int, trace_id: str) -> Reply[Changes[R]]:
        return await read(after, limit, trace_id=trace_id)

    return Feed(
        system,
        page,
        apply,
        ground.database,
        ground.sealer,
        ground.identifiers,
        ground.clock,
        calls,
    )


def _client(system: System) -> Client:
    return open_client(system.url, seconds=system.seconds)


def _population(client: Client, system: Population) -> IdentityCheck:
    # An address that names a path is the service's own; a bare host has it in the usual place.
    named = urlsplit(system.url).path.strip("/")
    return registry.open_population(
        client,
        licence=_licence(system),
        batch_limit=system.batch_limit,
        address=system.url if named else "",
    )


def _licence(system: Population) -> str:
    """The first line of the licence file, byte for byte."""
    if system.licence_file is None:
        raise InvalidSettings("systems.population.licence_file is not set")
    return system.licence_file.read_bytes().split(b"\n")[0].rstrip(b"\r").decode()


def _windows(spans: tuple[Span, ...]) -> tuple[Window, ...]:
    return tuple(Window(span.opens, span.closes) for span in spans)
