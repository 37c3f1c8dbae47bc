"""Plays the demonstration once it is up: hand the list in, follow it, tell what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from adapters.transport import open_client
from gateway.demo.children import watched
from gateway.demo.clerk import Desk
from gateway.demo.report import outcome
from gateway.demo.starting import Running
from gateway.demo.subscriber import Heard
from gateway.demo.subscriber import follow as follow_feed
from gateway.demo.tokens import fetch_token

POLL_SECONDS = 0.25
TOKEN_SECONDS = 500.0

Progress = Callable[[Mapping[str, Any]], None]


async def play(up: Running, deadline: float, progress: Progress) -> dict[str, Any]:
    """The list handed in, and the intake once it is settled or the deadline has come."""
    return await follow(up, await hand_in(up), deadline, progress)


async def hand_in(up: Running) -> str:
    """The intake that the school's list became, confirmed by its county."""
    async with _desk(up, "clerk") as clerk:
        intake = await clerk.submit(up.stage.school, up.stage.list_file)
    intake_id: str = intake["intake_id"]
    if not intake["confirmed"]:
        async with _desk(up, "county") as county:
            await county.confirm(intake_id)
    return intake_id


async def follow(
    up: Running, intake_id: str, deadline: float, progress: Progress
) -> dict[str, Any]:
    """The intake once it is settled, or as it stands at the deadline (by the monotonic clock)."""
    while True:
        # A token is good for ten minutes: a long watch takes a new one now and then.
        renewal = time.monotonic() + TOKEN_SECONDS
        async with _desk(up, "clerk") as clerk:
            while time.monotonic() < renewal:
                intake = await clerk.read(intake_id)
                progress(intake)
                if intake["settled"] or time.monotonic() >= deadline:
                    return intake
                await asyncio.sleep(POLL_SECONDS)


@dataclass(frozen=True, slots=True)
class Played:
    """What one whole run came to: its result, how the list stands in words, and what was heard."""

    result: Mapping[str, Any]
    intake: Mapping[str, Any]
    heard: Heard | None

    @property
    def whole(self) -> bool:
        """Whether every child is settled, and a subscriber has everything."""
        return bool(self.intake["settled"]) and (self.heard is None or self.heard.whole)


async def play_once(up: Running, deadline: float, progress: Progress) -> Played:
    """One list from hand in to settled, or to the deadline; all processes but the systems end."""
    intake, rows = await watched(up.parts, _play_with_rows(up, deadline, progress))
    heard = await watched(up.parts, _hear(up, deadline))
    # One after the other: the gateway's last entries belong to the evidence that the worker sums.
    await up.parts.gateway.stop()
    await up.parts.worker.stop()
    evidence = await up.parts.worker.hear()
    result = outcome(rows, evidence["size"], evidence["root"])
    if heard is not None:
        result["subscriber"] = {"head": heard.head, "delivered": heard.number}
    return Played(result, intake, heard)


async def _hear(up: Running, deadline: float) -> Heard | None:
    """What the subscriber has once that is everything, or at the deadline; None without one."""
    if up.stage.subscriber is None:
        return None
    return await follow_feed(up.stage.store_file, up.introduced["subscription"], deadline)


async def _play_with_rows(
    up: Running, deadline: float, progress: Progress
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    intake = await play(up, deadline, progress)
    async with _desk(up, "clerk") as clerk:
        return intake, await clerk.rows(intake["intake_id"])


@asynccontextmanager
async def _desk(up: Running, role: str) -> AsyncIterator[Desk]:
    async with open_client(up.gateway, seconds=60.0) as client:
        caller, audience = up.introduced["callers"][role], up.introduced["audience"]
        token = await fetch_token(client, caller, audience, datetime.now(UTC), lambda: str(uuid4()))
        yield Desk(client, token)
