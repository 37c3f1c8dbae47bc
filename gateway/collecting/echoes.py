"""Changes that a register tells of and that we caused: told by us already, or about to be."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change
from gateway.among import among, parameter
from gateway.collecting.registers import Facts
from gateway.intake.rules.states import State
from gateway.intake.tables import handovers

_STATES = select(handovers.c.handover_id, handovers.c.state).where(
    among(handovers.c.handover_id, parameter("handover_ids"))
)
# What our two writes, and taking them back, look like in the feeds.
_OUR_DOING = frozenset({"created", "removed", "advanced", "advancement_undone"})


async def load_ours(connection: AsyncConnection, request_ids: Iterable[str]) -> Mapping[str, State]:
    """Where the handovers stand that these requests were made for; others' requests are absent."""
    by_handover = {one.rpartition("-")[0]: one for one in request_ids if "-" in one}
    rows = await connection.execute(_STATES, {"handover_ids": sorted(by_handover)})
    return {by_handover[row.handover_id]: State(row.state) for row in rows}


def request_of(change: Change[Any], facts: Facts) -> str:
    """The request that caused a change, or that its record came by; empty where there was none."""
    return change.request_id or facts.request_id or ""


def is_echo(change: Change[Any], facts: Facts, ours: Mapping[str, State]) -> bool:
    """Whether the change is what one of our own requests did."""
    return change.kind in _OUR_DOING and request_of(change, facts) in ours


def is_approved_here(facts: Facts, ours: Mapping[str, State], codes: Collection[str]) -> bool:
    """Whether a register repeats an approval that was given, and told, through us."""
    approved = ours.get(facts.request_id or "") is State.REGISTERED
    return approved and set(codes) == {"approved"}
