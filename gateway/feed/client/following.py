"""Following a stream: page after page into the inbox, acknowledged, whatever is lost on the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from gateway.feed.client.inbox import Event, Inbox
from gateway.feed.client.pages import Gateway, Unheard

WAIT_SECONDS = 50.0  # below a heartbeat: every answer tells the head
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)

Sleep = Callable[[float], Awaitable[None]]


async def follow(
    gateway: Gateway,
    inbox: Inbox,
    *,
    limit: int = 1000,
    once: bool = False,
    patience: int | None = None,
    acknowledge: bool = True,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Event]:
    """Every event after the inbox's position, each once; with `once` up to the present head.

    An event is in the inbox before it is given here: what must happen for each, whatever crashes,
    belongs into the inbox's `effect`.

    What cannot be heard is asked for again, with pauses; raise `Unheard` after `patience` failures
    in a row, where that is set. What `page` refuses or finds forged is raised at once.
    """
    failures = 0
    while True:
        try:
            page = await gateway.page(inbox.position, limit, 0 if once else WAIT_SECONDS)
            events = inbox.take(page.events)
            inbox.hear(page.head, gateway.now())
            for event in events:
                yield event
            if page.events and acknowledge:
                await gateway.acknowledge(inbox.position)
            failures = 0
        except Unheard:
            if patience is not None and failures >= patience:
                raise
            await sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1
            continue
        if once and inbox.position >= inbox.head:
            return
