"""What stands beside a span of a stream, in one look: the terms agreed, the graves, the tickets."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    String,
    Table,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Instant
from gateway.feed.subscribing.tables import claim_tickets, subscription_terms, tombstones

Span = tuple[str, int, int]
"""A subscription, and its numbers after one up to another."""

_OURS: BindParameter[str] = bindparam("ours")
_AFTER: BindParameter[int] = bindparam("after")
_LAST: BindParameter[int] = bindparam("last")


@dataclass(frozen=True, slots=True)
class Beside:
    """Terms: number and field policy; graves: digest by number; tickets: school and last day."""

    terms: list[tuple[int, str]] = field(default_factory=list)
    graves: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, tuple[str, datetime]] = field(default_factory=dict)


async def load_beside(connection: AsyncConnection, span: Span) -> Beside:
    """All terms ever agreed, and what lies in the span; mostly that is nothing."""
    found = Beside()
    place = dict(zip(("ours", "after", "last"), span, strict=True))
    for kind, number, text, at in await connection.execute(_BESIDE, place):
        if kind == subscription_terms.name:
            found.terms.append((number, text))
        elif kind == tombstones.name:
            found.graves[number] = text
        else:
            found.tickets[number] = (text, at)
    return found


def _kind(table: Table) -> ColumnElement[str]:
    return literal_column(f"'{table.name}'", String)


_TERMS, _GRAVES, _TICKETS = subscription_terms.c, tombstones.c, claim_tickets.c
_BESIDE = union_all(
    select(
        _kind(subscription_terms), _TERMS.from_number, _TERMS.field_policy, cast(null(), Instant)
    ).where(_TERMS.subscription_id == _OURS),
    select(_kind(tombstones), _GRAVES.number, _GRAVES.digest, cast(null(), Instant)).where(
        _GRAVES.subscription_id == _OURS, _GRAVES.number > _AFTER, _GRAVES.number <= _LAST
    ),
    select(_kind(claim_tickets), _TICKETS.number, _TICKETS.school, _TICKETS.expires_at).where(
        _TICKETS.subscription_id == _OURS, _TICKETS.number > _AFTER, _TICKETS.number <= _LAST
    ),
)
