"""Acknowledging: a subscriber says up to where it has everything, and may skip nothing."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.feed.pulling.handing_out import handed_out_to
from gateway.feed.tables import subscriptions


class Refusal(StrEnum):
    """Why an acknowledgement is not taken."""

    SKIPS = "skips"
    BEYOND_HEAD = "beyond_head"
    GOES_BACK = "goes_back"


class Refused(JisuiError):
    """An acknowledgement that is not taken; `expected` is what may be sent instead."""

    def __init__(self, refusal: Refusal, expected: int) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Position:
    """How far a subscriber is: acknowledged, handed out without a hole, and the stream's head."""

    acknowledged: int
    handed_out: int
    head: int

    def move(self, to: int, *, replay: bool) -> "Position":
        """The position after this acknowledgement, or raise `Refused`.

        With `replay` it may go back: from there the subscriber takes everything once more.
        """
        if to > self.head:
            raise Refused(Refusal.BEYOND_HEAD, self.head)
        if to > self.handed_out:
            raise Refused(Refusal.SKIPS, self.handed_out)
        if to < self.acknowledged and not replay:
            raise Refused(Refusal.GOES_BACK, self.acknowledged)
        return Position(to, self.handed_out, self.head)


async def load_position(
    connection: AsyncConnection, subscription_id: str, *, lock: bool = False
) -> Position:
    """Where the subscriber is; with `lock` nobody moves it until the transaction ends."""
    query = select(subscriptions.c.acknowledged, subscriptions.c.head).where(
        subscriptions.c.subscription_id == subscription_id
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).one()
    return Position(row.acknowledged, await handed_out_to(connection, subscription_id), row.head)


async def acknowledge(
    connection: AsyncConnection, subscription_id: str, to: int, *, replay: bool
) -> Position:
    """The position after an acknowledgement, kept; raise `Refused`."""
    found = await load_position(connection, subscription_id, lock=True)
    moved = found.move(to, replay=replay)
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscription_id == subscription_id)
        .values(acknowledged=to)
    )
    return moved
