"""Admission: issues tokens for assertions; turns a request's facts into a grant or a refusal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn
from urllib.parse import unquote

from sqlalchemy.exc import IntegrityError

from gateway.access.assertions import claimed_client, verify
from gateway.access.callers import Caller, Register
from gateway.access.facts import Facts, require_told
from gateway.access.grants import Grant, Scope, scope_of
from gateway.access.keys import SigningKey
from gateway.access.looks.looking import Looks
from gateway.access.looks.stops import looker_of
from gateway.access.policy import Policy
from gateway.access.refusals import Denied, InvalidClient, Stopped, Unauthenticated
from gateway.access.tokens import Bearer, Proofs, grant_token
from gateway.access.used_assertions import use_up
from gateway.access.vocabulary import Operation, Purpose, Reach
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log
from gateway.office_hours import OFFICE_TIME


@dataclass(frozen=True, slots=True)
class Signatory:
    """In whose name tokens are issued: the gateway's key, its name, and its token address."""

    key: SigningKey = field(repr=False)
    issuer: str
    token_address: str


class Access:
    """Decides every request; each refusal to a known caller is put on record."""

    def __init__(
        self,
        database: Database,
        log: Log,
        clock: Clock,
        new_id: Callable[[], str],
        signatory: Signatory,
        policy: Policy,
        looks: Looks,
    ) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._signatory = signatory
        self._policy = policy
        self.looks = looks
        self._register = Register(database, clock)
        self._proofs = Proofs(signatory.key, signatory.issuer)

    @property
    def token_address(self) -> str:
        """What a client assertion names as its audience."""
        return self._signatory.token_address

    async def issue(self, assertion: str, trace_id: str) -> Bearer:
        """A token for a caller that proves itself; raise `InvalidClient`.

        The assertion is used up and the token put on record in one transaction.
        """
        now = self._clock.now()
        caller = await self._register.active(claimed_client(assertion))
        if caller is None:
            raise InvalidClient("unknown or closed")
        audiences = (self._signatory.token_address, self._signatory.issuer)
        proven = verify(assertion, caller.client_id, caller.key, audiences, now)
        try:
            async with self._database.transaction() as connection:
                await use_up(connection, proven, now)
                await self._log.append(connection, [_token_entry(caller, "issued", trace_id)])
        except IntegrityError:
            await self._record(_token_entry(caller, "jti_used", trace_id))
            raise InvalidClient("used before") from None
        return self.grant_token(caller.client_id)

    def grant_token(self, client_id: str) -> Bearer:
        """A token for a caller whose proof has been seen."""
        signatory, now = self._signatory, self._clock.now()
        return grant_token(signatory.key, signatory.issuer, client_id, now, self._new_id)

    async def admit(self, facts: Facts, operation: Operation) -> Grant:
        """What this request may do.

        Raises `Unauthenticated`; `HeaderMissing` or `HeaderMalformed` where purpose, case or the
        person is not told properly; after putting it on record, `Stopped` for a person who was
        shown too many children, and `Denied` for all else.
        """
        client_id = self._proofs.caller_of(facts.token, self._clock.now())
        caller = await self._register.active(client_id)
        if caller is None:
            raise Unauthenticated("unknown or closed")
        grant = _ungranted(caller, operation, facts.trace_id)
        if not self._policy.knows(caller.role, operation, self._today()):
            await self.refuse(grant, "role")
        require_told(facts, operation, touches_a_child=self._touches_a_child(operation))
        granted = await self._granted(grant, caller, facts)
        await self._require_unstopped(granted)
        return granted

    async def refuse(self, grant: Grant, reason: str) -> NoReturn:
        """Put a denial on record and raise `Denied`.

        Call it for what is out of the grant's scope and for what does not exist alike, so that
        neither the answer nor the time it takes tells one from the other.
        """
        denial = grant.entry(Action.ACCESS_DENIED, reason, operation=grant.operation)
        await self._record(denial)
        raise Denied(reason)

    async def note_failure(self, grant: Grant, kind: str) -> None:
        """Put on record that the gateway failed amid a request: its outcome may be half of one."""
        await self._record(grant.entry(Action.REQUEST_FAILED, kind, operation=grant.operation))

    async def require_covered(self, grant: Grant, *, institution: str, area: str) -> None:
        """Return where the grant reaches this institution; else refuse."""
        if not grant.scope.covers(institution=institution, area=area):
            await self.refuse(grant, "scope")

    async def _granted(self, grant: Grant, caller: Caller, facts: Facts) -> Grant:
        purpose = Purpose(facts.purpose) if self._touches_a_child(grant.operation) else None
        reach = self._policy.reach(caller.role, grant.operation, purpose, self._today())
        if reach is None:
            await self.refuse(grant, "purpose")
        return Grant(
            operation=grant.operation,
            caller=caller.client_id,
            institution=caller.institution,
            role=caller.role,
            scope=scope_of(reach, caller.institution, caller.area),
            trace_id=facts.trace_id,
            user=unquote(facts.user),
            case=unquote(facts.case),
            purpose=purpose,
            area=caller.area,
        )

    async def _require_unstopped(self, grant: Grant) -> None:
        if grant.purpose is None or not await self.looks.standing.holds(looker_of(grant)):
            return
        refused = grant.entry(Action.ACCESS_DENIED, "stopped", operation=grant.operation)
        await self._record(refused)
        raise Stopped("too many children")

    def _today(self) -> date:
        return self._clock.now().astimezone(OFFICE_TIME).date()

    def _touches_a_child(self, operation: Operation) -> bool:
        return operation in self._policy.touching_a_child

    async def _record(self, entry: Entry) -> None:
        async with self._database.transaction() as connection:
            await self._log.append(connection, [entry])


def _token_entry(caller: Caller, outcome: str, trace_id: str) -> Entry:
    return Entry(
        action=Action.TOKEN_ISSUED if outcome == "issued" else Action.TOKEN_REFUSED,
        outcome=outcome,
        actor=Actor(caller.client_id, "", caller.role, caller.institution),
        purpose="",
        basis="",
        case="",
        object_ref="",
        request_id=trace_id,
    )


def _ungranted(caller: Caller, operation: Operation, trace_id: str) -> Grant:
    nowhere = Scope(Reach.NONE, "")
    return Grant(operation, caller.client_id, caller.institution, caller.role, nowhere, trace_id)
