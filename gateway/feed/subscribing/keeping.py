"""What the publishing leader keeps beside the events it numbered: memory of fields, and tickets.

A subscriber's memory is what it last received of a child's field, as a keyed hash and never the
value: a correction can then say what it corrects though nobody keeps what was told.
"""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.feed.naming import child_kind
from gateway.feed.recording import detail_context
from gateway.feed.rendering import WITHDRAWAL
from gateway.feed.subscribing.field_policies import THIN, FieldPolicies, FieldPolicy, How
from gateway.feed.subscribing.tables import claim_tickets, received_fields, subscription_terms
from gateway.feed.tables import status_changes, streams, subscriptions
from gateway.sealing import DataKey, Sealer, load_keys

TICKET_LIFE = timedelta(days=60)
_ROWS_AT_ONCE = 1000

Heads = Mapping[str, int]
_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps what later events and claims refer to, in the transaction that numbered the events."""

    sealer: Sealer = field(repr=False)
    policies: FieldPolicies
    clock: Clock

    async def keep(self, connection: AsyncConnection, before: Heads) -> None:
        """Look after every number that stands above the heads as they were before."""
        grown = {
            subscription_id: (before.get(subscription_id, 0), head)
            for subscription_id, head in (await load_heads(connection)).items()
            if head > before.get(subscription_id, 0)
        }
        if not grown:
            return
        await self._issue(connection, grown)
        agreed = await load_all_policies(connection, grown, self.policies)
        for subscription_id, (after, head) in grown.items():
            if not agreed[subscription_id].all_thin:
                await self._remember(
                    connection, subscription_id, after, head, agreed[subscription_id]
                )

    async def _issue(
        self, connection: AsyncConnection, grown: Mapping[str, tuple[int, int]]
    ) -> None:
        expires_at = self.clock.now() + TICKET_LIFE
        await connection.execute(
            _ISSUE,
            [
                {"ours": subscription_id, "after": after, "expires": expires_at}
                for subscription_id, (after, _) in grown.items()
            ],
        )

    async def _remember(
        self,
        connection: AsyncConnection,
        subscription_id: str,
        after: int,
        head: int,
        agreed: "AgreedPolicies",
    ) -> None:
        for first in range(after, head, _ROWS_AT_ONCE):
            rows = await load_details(connection, subscription_id, first, first + _ROWS_AT_ONCE)
            keys = await load_keys(connection, [row.key_id for row in rows], self.sealer)
            received = self._received(subscription_id, rows, keys, agreed)
            if received:
                await connection.execute(insert(received_fields), received)

    def _received(
        self,
        subscription_id: str,
        rows: Sequence[_Row],
        keys: Mapping[str, DataKey],
        agreed: "AgreedPolicies",
    ) -> list[dict[str, object]]:
        return [
            {
                "subscription_id": subscription_id,
                "child": self.sealer.index(child_kind(subscription_id), row.person_id),
                "field": name,
                "number": row.number,
                "digest": self.sealer.index(f"{name} told to {subscription_id}", value),
            }
            for row in rows
            if row.key_id in keys
            for name, value in _told(row, keys[row.key_id], agreed.at(row.number))
        ]


@dataclass(frozen=True, slots=True)
class AgreedPolicies:
    """Which field policy holds from which number on, in order."""

    starts: tuple[int, ...]
    policies: tuple[FieldPolicy, ...]

    @property
    def all_thin(self) -> bool:
        """Whether no event ever told a field."""
        return all(policy.thin for policy in self.policies)

    def at(self, number: int) -> FieldPolicy:
        """The policy under which this number is read for ever."""
        return self.policies[max(0, bisect_right(self.starts, number) - 1)]


async def load_policies(
    connection: AsyncConnection, subscription_id: str, policies: FieldPolicies
) -> AgreedPolicies:
    """The policies that were agreed with a subscription, from the first on."""
    return (await load_all_policies(connection, [subscription_id], policies))[subscription_id]


async def load_all_policies(
    connection: AsyncConnection, subscription_ids: Collection[str], policies: FieldPolicies
) -> Mapping[str, AgreedPolicies]:
    """The same for many subscriptions."""
    terms = subscription_terms.c
    query = select(terms.subscription_id, terms.from_number, terms.field_policy).where(
        terms.subscription_id.in_(list(subscription_ids))
    )
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in subscription_ids}
    for row in await connection.execute(query):
        found[row.subscription_id].append((row.from_number, row.field_policy))
    return {name: agree(kept, policies) for name, kept in found.items()}


def agree(terms: Sequence[tuple[int, str]], policies: FieldPolicies) -> AgreedPolicies:
    """The policies that were agreed, each from its number on; the thin one where none was."""
    if not terms:
        return AgreedPolicies((1,), (policies[THIN],))
    in_order = sorted(terms)
    return AgreedPolicies(
        tuple(number for number, _ in in_order), tuple(policies[name] for _, name in in_order)
    )


async def load_heads(connection: AsyncConnection) -> Heads:
    """The last number of every stream."""
    rows = await connection.execute(select(subscriptions.c.subscription_id, subscriptions.c.head))
    return {row.subscription_id: row.head for row in rows}


def open_detail(row: _Row, key: DataKey) -> Mapping[str, str]:
    """A change's detail; `row` holds the change's id and what is sealed."""
    detail: Mapping[str, str] = json.loads(key.open(row.sealed, detail_context(row.change_id)))
    return detail


def _told(row: _Row, key: DataKey, policy: FieldPolicy) -> Iterable[tuple[str, str]]:
    if policy.thin or row.reason == WITHDRAWAL:
        return []
    detail = open_detail(row, key)
    named = [name for name, how in policy.fields.items() if how is not How.ABSENT]
    return [(name, detail[name]) for name in named if name in detail]


async def load_details(
    connection: AsyncConnection, subscription_id: str, after: int, last: int
) -> list[_Row]:
    """The sealed details of the events after `after` up to `last`, in order."""
    changes = status_changes.c
    query = (
        select(
            streams.c.number,
            streams.c.reason,
            changes.change_id,
            changes.person_id,
            changes.key_id,
            changes.sealed,
        )
        .join(status_changes, changes.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == subscription_id)
        .where(streams.c.number > after, streams.c.number <= last)
        .order_by(streams.c.number)
    )
    return list((await connection.execute(query)).all())


def _newcomers() -> Select[tuple[str, int, str, str]]:
    """Children who arrive in a subscriber's area and stand in its stream for the first time."""
    ours: BindParameter[str] = bindparam("ours")
    changes, earlier, known = status_changes.c, streams.alias(), status_changes.alias()
    arrives = or_(streams.c.half == "to", changes.area_from == "")
    seen = exists().where(
        known.c.person_id == changes.person_id,
        earlier.c.change_id == known.c.change_id,
        # Found by their change: by their stream, each event would walk all those before it.
        earlier.c.subscription_id + "" == ours,
        earlier.c.number < streams.c.number,
    )
    return (
        select(streams.c.subscription_id, streams.c.number, changes.person_id, changes.school_to)
        .join(status_changes, changes.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == ours, streams.c.number > bindparam("after"))
        .where(and_(changes.school_to != "", arrives, streams.c.reason != WITHDRAWAL, ~seen))
    )


_ISSUE = insert(claim_tickets).from_select(
    ["subscription_id", "number", "person_id", "school", "expires_at"],
    _newcomers().add_columns(bindparam("expires", type_=claim_tickets.c.expires_at.type)),
)
