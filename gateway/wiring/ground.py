"""What both doors stand on: the store, its keys, the evidence, time and chance."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from contracts.secrets import SharedSecrets
from gateway.calls.exchange import Calls
from gateway.calls.hours import Hours
from gateway.calls.hours import Span as HoursSpan
from gateway.calls.quota import Quota
from gateway.clock import Clock, SystemClock
from gateway.database import Database, open_database
from gateway.evidence import Log
from gateway.evidence.witnessing.asking import Witness
from gateway.feed.recording import Recorder
from gateway.identifiers import Identifiers
from gateway.intake.changes import Telling
from gateway.intake.moves import Moves
from gateway.intake.persons import Persons
from gateway.intake.rules.situations import load_wordings
from gateway.intake.rules.turns import Turns
from gateway.intake.rules.windows import APPROVE, CARRY, REVERSE, Window, Windows
from gateway.keys import Keys, open_keys
from gateway.people.numbers import People
from gateway.sealing import Sealer
from gateway.settings import Settings
from gateway.settings.intake import Span
from gateway.settings.systems import System
from gateway.shared.wakeups import Wakeups
from gateway.wiring.shared import open_quota, open_shared
from gateway.wiring.store import prepare_store
from gateway.wiring.witness import open_witness, wire_patience
from gateway.working_days import WorkingDays, load_overrides
from mappings import Crosswalks


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground, and the few pieces that rooms on it share."""

    settings: Settings
    database: Database
    keys: Keys = field(repr=False)
    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    crosswalks: Crosswalks
    secrets: SharedSecrets
    wakeups: Wakeups
    quota: Quota
    calls: Calls
    moves: Moves
    witness: Witness | None

    @property
    def people(self) -> People:
        """The person index."""
        return People(self.sealer, self.identifiers)

    @property
    def windows(self) -> Windows:
        """When each operation is open."""
        spans = self.settings.intake.windows
        return Windows(
            {
                CARRY: _windows(spans.carry),
                REVERSE: _windows(spans.reverse),
                APPROVE: _windows(spans.approve),
            }
        )


@asynccontextmanager
async def open_ground(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Ground]:
    """The ground; closes the store at the end."""
    clock = clock or SystemClock()
    identifiers = Identifiers(clock, secrets.token_bytes)
    keys = open_keys(settings.keys_folder, create=settings.embedded)
    sealer = Sealer(keys.file, keys.index)
    log = Log(settings.evidence_log, clock, identifiers, wire_patience(settings))
    prepare_store(settings)
    database = open_database(settings.database_url)
    async with AsyncExitStack() as opened:
        opened.push_async_callback(database.close)
        shared = await opened.enter_async_context(open_shared(settings, keys, clock))
        witness = await opened.enter_async_context(open_witness(settings))
        counting = open_quota(settings, database, clock, identifiers, shared)
        quota = await opened.enter_async_context(counting)
        yield Ground(
            settings=settings,
            database=database,
            keys=keys,
            sealer=sealer,
            clock=clock,
            identifiers=identifiers,
            log=log,
            crosswalks=Crosswalks(settings.intake.crosswalks),
            secrets=shared.secrets,
            wakeups=shared.wakeups,
            quota=quota,
            calls=_calls(settings, log, clock, identifiers, database, quota),
            witness=witness,
            moves=Moves(
                sealer,
                clock,
                log,
                _turns(settings),
                Telling(Recorder(clock, identifiers), Persons(sealer)),
            ),
        )


def _calls(
    settings: Settings,
    log: Log,
    clock: Clock,
    identifiers: Identifiers,
    database: Database,
    quota: Quota,
) -> Calls:
    named = settings.systems.named()
    days = WorkingDays(load_overrides(settings.intake.holidays_file))
    return Calls(
        log,
        clock,
        identifiers,
        database,
        seconds={name: system.seconds for name, system in named.items()},
        at_once={name: system.at_once for name, system in named.items()},
        hours={name: _hours(system, days) for name, system in named.items()},
        quota=quota,
    )


def _hours(system: System, days: WorkingDays) -> Hours:
    spans = tuple(HoursSpan(span.days, span.opens, span.closes) for span in system.hours)
    return Hours(spans, days if system.closed_on_holidays else None)


def _turns(settings: Settings) -> Turns:
    wordings = load_wordings(county_approval=settings.intake.county_approval != "off")
    return Turns(wordings, WorkingDays(load_overrides(settings.intake.holidays_file)))


def _windows(spans: tuple[Span, ...]) -> tuple[Window, ...]:
    return tuple(Window(span.opens, span.closes) for span in spans)
