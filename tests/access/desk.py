"""Access over an empty store: callers of every role, and assertions signed as asked."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from gateway.access.admission import Access, Signatory
from gateway.access.callers import Caller, register
from gateway.access.demo import DemoCaller, register_demo_caller
from gateway.access.keys import SigningKey, new_key, signing_key
from gateway.access.policy import load_policy
from gateway.access.vocabulary import InstitutionKind, Role
from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.evidence import Log
from gateway.evidence.tables import entries
from gateway.identifiers import Identifiers
from tests.access.looks import looks_like

ISSUER = "https://jisui.invalid"
TOKEN_ADDRESS = f"{ISSUER}/v1/token"
AREAS = {Role.PROVINCE: "990000", Role.AUDITOR: "990000"}


@dataclass(frozen=True)
class Desk:
    """Everything a test needs to ask for access."""

    access: Access
    database: Database
    clock: VirtualClock
    log: Log
    new_id: Callable[[], str]
    key: SigningKey
    callers: dict[Role, DemoCaller] = field(default_factory=dict)

    async def entries(self) -> list[dict[str, Any]]:
        """Every entry as its canonical bytes say it, oldest first."""
        written = select(entries.c.canonical).order_by(entries.c.entry_id)
        async with self.database.reading() as connection:
            rows = (await connection.execute(written)).scalars().all()
        return [json.loads(row[1:]) for row in rows]

    async def caller(self, role: Role) -> DemoCaller:
        """A caller of this role, registered when first asked for."""
        if role not in self.callers:
            self.callers[role] = await register_demo_caller(
                self.database,
                self.log,
                self.clock,
                self.new_id,
                role=role,
                institution="9900010001",
                area=AREAS.get(role, "990106"),
            )
        return self.callers[role]

    async def bearer(self, role: Role) -> str:
        """A token of a caller of this role."""
        return self.access.grant_token((await self.caller(role)).client_id).token


async def open_desk(url: str) -> Desk:
    """The desk over a migrated store."""
    database = open_database(url)
    clock = VirtualClock(datetime(2026, 9, 1, 8, tzinfo=UTC))
    new_id = Identifiers(clock, secrets.token_bytes)
    log = Log("test", clock, new_id)
    key = signing_key(bytes(range(32)))
    signatory = Signatory(key, ISSUER, TOKEN_ADDRESS)
    access = Access(
        database,
        log,
        clock,
        new_id,
        signatory,
        load_policy(),
        looks_like(database, log, clock, new_id),
    )
    return Desk(access, database, clock, log, new_id, key)


def caller_like(**changes: Any) -> Caller:
    described: dict[str, Any] = {
        "client_id": "school-1",
        "institution": "9900010001",
        "kind": InstitutionKind.SCHOOL,
        "role": Role.CLERK,
        "area": "990106",
        "public_key": new_key().as_dict(private=False),
        "active": True,
        "created_at": datetime(2026, 9, 1, tzinfo=UTC),
    }
    return Caller(**{**described, **changes})


async def add(desk: Desk, caller: Caller) -> None:
    async with desk.database.transaction() as connection:
        await register(connection, caller)
