"""The register of callers: which system asks, for which institution, in which role."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Row, String, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.access.keys import PublicKey, public_key
from gateway.access.vocabulary import ROLES_OF, InstitutionKind, Role
from gateway.clock import Clock
from gateway.database import Database, Instant, metadata

STALE_SECONDS = 1.0

callers = Table(
    "callers",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("institution", String(32), nullable=False),
    Column("institution_kind", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("area", String(6), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_INSTITUTION = re.compile(r"[0-9A-Z]{2,18}")
_AREA = re.compile(r"[1-9][0-9]{5}")


class InvalidCaller(JisuiError):
    """A caller that cannot be registered as described."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A system that may ask us; `area` is the six-digit GB/T 2260 code it lies in or governs."""

    client_id: str
    institution: str
    kind: InstitutionKind
    role: Role
    area: str
    public_key: Mapping[str, Any] = field(repr=False)
    active: bool
    created_at: datetime

    @property
    def key(self) -> PublicKey:
        """The key its assertions are verified with."""
        return public_key(self.public_key)


async def register(connection: AsyncConnection, caller: Caller) -> None:
    """Add a caller; raise `InvalidCaller` or `InvalidKey` where the description does not hold."""
    _require_sound(caller)
    await connection.execute(
        callers.insert().values(
            client_id=caller.client_id,
            institution=caller.institution,
            institution_kind=caller.kind,
            role=caller.role,
            area=caller.area,
            public_key=json.dumps(caller.key.as_dict(private=False), sort_keys=True),
            active=caller.active,
            created_at=caller.created_at,
        )
    )


async def revoke(connection: AsyncConnection, client_id: str) -> bool:
    """Close a caller's access, its living tokens included; whether there was one to close."""
    closed = await connection.execute(
        update(callers)
        .where(callers.c.client_id == client_id, callers.c.active)
        .values(active=False)
    )
    return closed.rowcount == 1


async def find(connection: AsyncConnection, client_id: str) -> Caller | None:
    """The caller with this id, active or not."""
    found = await connection.execute(select(callers).where(callers.c.client_id == client_id))
    row = found.one_or_none()
    return _caller(row) if row else None


class Register:
    """Callers as the store knows them, remembered for `STALE_SECONDS` and no longer.

    A revocation therefore holds for every process within that time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._remembered: dict[str, tuple[Caller, datetime]] = {}

    async def active(self, client_id: str) -> Caller | None:
        """The caller, or None where there is none or its access is closed."""
        caller = self._recall(client_id)
        if caller is None:
            asked_at = self._clock.now()
            async with self._database.reading() as connection:
                caller = await find(connection, client_id)
            if caller is None:
                return None
            self._remembered[client_id] = (caller, asked_at)
        return caller if caller.active else None

    def _recall(self, client_id: str) -> Caller | None:
        caller, read_at = self._remembered.get(client_id, (None, None))
        if read_at is None:
            return None
        age = (self._clock.now() - read_at).total_seconds()
        # A clock set back must not keep a revoked caller alive.
        return caller if 0 <= age <= STALE_SECONDS else None


def _require_sound(caller: Caller) -> None:
    if not _CLIENT_ID.fullmatch(caller.client_id):
        raise InvalidCaller("client_id")
    if not _INSTITUTION.fullmatch(caller.institution):
        raise InvalidCaller("institution")
    if caller.role not in ROLES_OF[caller.kind]:
        raise InvalidCaller(f"a {caller.kind} has no {caller.role}")
    if not _AREA.fullmatch(caller.area) or not _governable(caller.role, caller.area):
        raise InvalidCaller("area")


def _governable(role: Role, area: str) -> bool:
    # A county must not be given a province's code: its reach is read off the leading digits.
    if role is Role.PROVINCE:
        return area.endswith("0000")
    return role is not Role.COUNTY or not area.endswith("0000")


def _caller(row: Row[Any]) -> Caller:
    return Caller(
        client_id=row.client_id,
        institution=row.institution,
        kind=InstitutionKind(row.institution_kind),
        role=Role(row.role),
        area=row.area,
        public_key=json.loads(row.public_key),
        active=row.active,
        created_at=row.created_at,
    )
