"""What every act of a person goes through: opened under lock, done to all or none, on record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.intake.handover import Handover, load
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.refusals import Refusal, Refused, RowsRefused
from gateway.intake.rules.states import NotAllowed, State
from gateway.intake.rules.windows import Windows
from gateway.people.numbers import People
from gateway.sealing import DataKey, Sealer, load_keys

_NO_DETAIL: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Opened:
    """Handovers locked for one transaction, in the order asked, with their keys by key id."""

    handovers: Sequence[Handover]
    keys: Mapping[str, DataKey]

    def key(self, handover: Handover) -> DataKey:
        """The key of one child."""
        return self.keys[handover.key_id]


@dataclass(frozen=True, slots=True)
class Acting:
    """What acts need."""

    sealer: Sealer
    clock: Clock
    moves: Moves
    people: People
    windows: Windows
    county_approval: str  # off, batch or each

    async def open(self, connection: AsyncConnection, handover_ids: Sequence[str]) -> Opened:
        """The handovers, locked; raise `RowsRefused` where one is named twice or was erased."""
        first = {one: place for place, one in reversed(list(enumerate(handover_ids)))}
        _refuse([i for i, one in enumerate(handover_ids) if first[one] != i], Refusal.TWICE)
        loaded = await load(connection, handover_ids, lock=True)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        there = {h.handover_id for h in loaded if h.key_id in keys}
        _refuse([first[one] for one in first if one not in there], Refusal.NOT_ALLOWED)
        return Opened(loaded, keys)

    async def commit(
        self,
        connection: AsyncConnection,
        opened: Opened,
        after: Sequence[Handover],
        because: Because,
        outcome: str,
        detail: Mapping[str, object] = _NO_DETAIL,
    ) -> list[Handover]:
        """The handovers as stored; `outcome` is what the entry says came of the act."""
        moves = [
            Move(before, moved, outcome=outcome, detail=detail)
            for before, moved in zip(opened.handovers, after, strict=True)
        ]
        return await self.moves.commit(connection, moves, opened.keys, because)

    def require_window(self, operation: str) -> None:
        """Return where the operation may be done now; raise `Refused` otherwise."""
        if not self.windows.is_open(operation, self.clock.now()):
            raise Refused(Refusal.WINDOW_CLOSED)


def _refuse(places: Sequence[int], refusal: Refusal) -> None:
    if places:
        raise RowsRefused([(place, refusal) for place in sorted(places)])


def each(handovers: Sequence[Handover], act: Callable[[int, Handover], Handover]) -> list[Handover]:
    """Every handover after the act; raise `RowsRefused` with the reason of each that refuses."""
    after: list[Handover] = []
    refused: list[tuple[int, Refusal]] = []
    for place, handover in enumerate(handovers):
        try:
            after.append(act(place, handover))
        except Refused as refusal:
            refused.append((place, refusal.refusal))
        except NotAllowed:
            refused.append((place, Refusal.NOT_ALLOWED))
    if refused:
        raise RowsRefused(refused)
    return after


def require_at_rest(handover: Handover) -> None:
    """Return where no reversal is under way; raise `Refused` otherwise."""
    if handover.state in (State.CARRIED, State.RETURNED) and handover.writing is not None:
        raise Refused(Refusal.REVERSING)
