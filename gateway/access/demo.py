"""A caller for newcomers: registered with a fresh key, its token obtained the way all are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.access.admission import Access
from gateway.access.assertions import sign
from gateway.access.callers import Caller, register
from gateway.access.keys import SigningKey, new_key
from gateway.access.tokens import Bearer
from gateway.access.vocabulary import ROLES_OF, InstitutionKind, Role
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """A registered caller together with its private key, which is nowhere stored."""

    client_id: str
    key: SigningKey = field(repr=False)


async def register_demo_caller(
    database: Database,
    log: Log,
    clock: Clock,
    new_id: Callable[[], str],
    *,
    role: Role,
    institution: str,
    area: str,
) -> DemoCaller:
    """A new caller in this role for this institution; its registration is put on record."""
    key = new_key()
    caller = Caller(
        client_id=f"demo-{role}-{new_id()}",
        institution=institution,
        kind=_kind_of(role),
        role=role,
        area=area,
        public_key=key.as_dict(private=False),
        active=True,
        created_at=clock.now(),
    )
    async with database.transaction() as connection:
        await register(connection, caller)
        await log.append(connection, [_registered(caller)])
    return DemoCaller(caller.client_id, key)


async def obtain_token(
    access: Access, demo: DemoCaller, clock: Clock, new_id: Callable[[], str]
) -> Bearer:
    """A bearer token for the demo caller, against an assertion by its own key."""
    assertion = sign(demo.key, demo.client_id, access.token_address, clock.now(), new_id)
    return await access.issue(assertion, new_id())


def _kind_of(role: Role) -> InstitutionKind:
    return next(kind for kind, roles in ROLES_OF.items() if role in roles)


def _registered(caller: Caller) -> Entry:
    return Entry(
        action=Action.CALLER_CHANGED,
        outcome="registered",
        actor=Actor("jisui", "", "operator", ""),
        purpose="",
        basis="",
        case="",
        object_ref=caller.client_id,
        request_id="",
        content={"role": caller.role, "institution": caller.institution, "area": caller.area},
    )
