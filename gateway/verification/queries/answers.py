"""A single query as it stands, and the answer that may be shown to whoever asks for it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.verification.asked import Said
from gateway.verification.queries.tables import identity_queries
from gateway.verification.queries.told import Holds, attributes
from gateway.verification.tables import verifications

_TOLD_OF_DEATH_MARKS = frozenset({Role.COUNTY, Role.PROVINCE})
_SHOWN = (
    verifications.c.subject_id,
    verifications.c.school,
    verifications.c.area,
    verifications.c.outcome,
    verifications.c.call_id,
    verifications.c.as_of,
    verifications.c.requested_at,
    verifications.c.answered_at,
)
_FIND = (
    select(identity_queries, *_SHOWN)
    .join(verifications, verifications.c.subject_id == identity_queries.c.query_id)
    .where(identity_queries.c.query_id == bindparam("this_query"))
)


@dataclass(frozen=True, slots=True)
class Query:
    """A single query: whose it is, what was asked, and what came of it so far."""

    query_id: str
    institution: str
    area: str
    question: str
    checks: Mapping[str, Holds]
    outcome: Outcome | None
    call_id: str
    as_of: date | None
    requested_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer as one role may see it; `answer_hash` binds it to its question."""

    outcome: Outcome
    referred: bool  # the county has to look into it, and only the county sees why
    attributes: Mapping[str, Holds]
    answer_hash: str


async def find_query(connection: AsyncConnection, query_id: str) -> Query | None:
    """The query, if there is one and it is still kept."""
    row = (await connection.execute(_FIND, {"this_query": query_id})).one_or_none()
    if row is None:
        return None
    checks = {name: Holds(holds) for name, holds in json.loads(row.checks).items()}
    return query_of(row._asdict(), row.question, checks)


def query_of(verification: Mapping[str, Any], question: str, checks: Mapping[str, Holds]) -> Query:
    """The query whose verification has this row."""
    outcome = verification["outcome"]
    return Query(
        query_id=verification["subject_id"],
        institution=verification["school"],
        area=verification["area"],
        question=question,
        checks=checks,
        outcome=Outcome(outcome) if outcome else None,
        call_id=verification["call_id"],
        as_of=verification["as_of"],
        requested_at=verification["requested_at"],
        answered_at=verification["answered_at"],
    )


def answered_with(query: Query, said: Said) -> Query:
    """The query with what was just kept of it."""
    return replace(
        query,
        outcome=said.verdict.outcome,
        call_id=said.call_id,
        as_of=said.verdict.as_of,
        answered_at=said.answered_at,
    )


def show(query: Query, role: Role) -> Shown | None:
    """What this role may see of the answer; None while there is none."""
    if query.outcome is None:
        return None
    referred = query.outcome is Outcome.DECEASED
    masked = referred and role not in _TOLD_OF_DEATH_MARKS
    outcome = Outcome.UNKNOWN if masked else query.outcome
    said = attributes(outcome, query.checks)
    return Shown(outcome, referred, said, _bind(query, outcome, said))


def _bind(query: Query, outcome: Outcome, said: Mapping[str, Holds]) -> str:
    """SHA-256 over the question's hash and all that is shown, as JSON with sorted names.

    The entry that records the viewing holds it, so that a shown answer can be proven for years.
    """
    answer: dict[str, Any] = {
        "answered_at": query.answered_at.isoformat() if query.answered_at else None,
        "as_of": query.as_of.isoformat() if query.as_of else None,
        "attributes": dict(said),
        "call": query.call_id,
        "id": query.query_id,
        "outcome": outcome,
        "question": query.question,
    }
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
