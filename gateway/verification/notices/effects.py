"""The chain of effects of a correction: what would follow, shown before it is decided."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.people.indexes import index_document
from gateway.sealing import Sealer
from gateway.verification.notices.notice import Correction, Notice, load_corrections
from gateway.verification.notices.rules import PENDING, EffectKind, NoticeKind
from gateway.verification.notices.tables import identity_corrections, identity_notices
from gateway.verification.problems.holdings import Held, Holdings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.tables import problem_findings, problem_records

_CHANGING = (NoticeKind.RENAMED, NoticeKind.RENUMBERED)


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that would follow; `reference` names the record or problem record it touches."""

    kind: EffectKind
    reference: str


async def chain_of(
    connection: AsyncConnection,
    correction: Correction,
    notice: Notice,
    held: Held,
    holdings: Holdings,
    sealer: Sealer,
) -> list[Effect]:
    """Every effect of confirming this correction now, in a stable order."""
    after = notice.apply(held.identity)
    problems = await _problems(connection, correction.subject_id)
    others = await _holders(connection, correction, notice, after, holdings, sealer)
    return [
        *_own(correction, notice, held.identity, after),
        *(Effect(EffectKind.PROBLEM_TOUCHED, problem_id) for problem_id in problems),
        *await _marks(connection, correction, notice),
        *await _withdrawn(connection, correction, notice),
        *(Effect(EffectKind.NUMBER_HELD, subject_id) for subject_id in others),
    ]


def chain_hash(effects: Sequence[Effect]) -> str:
    """What a decision is bound to: a chain that has changed meanwhile has another hash."""
    told = "\n".join(f"{one.kind} {one.reference}" for one in effects)
    return hashlib.sha256(told.encode()).hexdigest()


def _own(
    correction: Correction, notice: Notice, before: Identity, after: Identity
) -> Iterator[Effect]:
    subject_id = correction.subject_id
    if notice.kind in _CHANGING and before == after:
        yield Effect(EffectKind.ALREADY_SO, subject_id)
        return
    if notice.kind in _CHANGING:
        yield Effect(EffectKind.RECORD_CHANGED, subject_id)
        yield Effect(EffectKind.NUMBER_KEPT, subject_id)
    yield Effect(EffectKind.MATCHES_DROPPED, subject_id)
    if notice.kind is not NoticeKind.CANCELLED:
        yield Effect(EffectKind.VERIFIED_AGAIN, subject_id)


async def _problems(connection: AsyncConnection, subject_id: str) -> Sequence[str]:
    columns = problem_records.c
    mine = (columns.subject_id == subject_id) & columns.closed_at.is_(None)
    query = select(columns.problem_id).where(mine).order_by(columns.problem_id)
    return (await connection.execute(query)).scalars().all()


async def _marks(
    connection: AsyncConnection, correction: Correction, notice: Notice
) -> list[Effect]:
    found = problem_findings.c
    mark = found.problem_class == ProblemClass.DEATH_MARK.value
    mine = (found.subject_id == correction.subject_id) & found.cleared_at.is_(None)
    standing = (await connection.execute(select(found.subject_id).where(mine, mark))).first()
    if notice.kind is NoticeKind.CANCELLED and standing is None:
        return [Effect(EffectKind.DEATH_MARK_OPENED, correction.subject_id)]
    if notice.kind is NoticeKind.RESTORED and standing is not None:
        return [Effect(EffectKind.DEATH_MARK_ENDED, correction.subject_id)]
    return []


async def pending_cancellations(
    connection: AsyncConnection, subject_id: str, *, lock: bool = False
) -> list[Correction]:
    """The cancellations of this record that nobody has decided yet."""
    columns, notices = identity_corrections.c, identity_notices.c
    waiting = columns.state.in_(sorted(state.value for state in PENDING))
    query = (
        select(columns.correction_id)
        .join(identity_notices, notices.notice_id == columns.notice_id)
        .where(columns.subject_id == subject_id, waiting)
        .where(notices.kind == NoticeKind.CANCELLED.value)
        .order_by(columns.correction_id)
    )
    ids = (await connection.execute(query)).scalars().all()
    return await load_corrections(connection, ids, lock=lock)


async def _withdrawn(
    connection: AsyncConnection, correction: Correction, notice: Notice
) -> list[Effect]:
    if notice.kind is not NoticeKind.RESTORED:
        return []
    pending = await pending_cancellations(connection, correction.subject_id)
    return [Effect(EffectKind.CANCELLATION_WITHDRAWN, one.correction_id) for one in pending]


async def _holders(
    connection: AsyncConnection,
    correction: Correction,
    notice: Notice,
    after: Identity,
    holdings: Holdings,
    sealer: Sealer,
) -> Sequence[str]:
    """The other records that have the new number."""
    if notice.kind is not NoticeKind.RENUMBERED:
        return ()
    held = holdings.rows().subquery()
    same = held.c.document_index == index_document(after.document, sealer)
    other = held.c.subject_id != correction.subject_id
    query = select(held.c.subject_id).where(same, other).order_by(held.c.subject_id)
    return (await connection.execute(query)).scalars().all()
