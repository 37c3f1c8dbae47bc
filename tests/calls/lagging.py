"""How late the loop wakes sleepers: the machine is to blame for that, and not the calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_NAP_SECONDS = 0.01


@asynccontextmanager
async def lagging() -> AsyncIterator[list[float]]:
    """The seconds by which each nap was too long."""
    lag: list[float] = []
    loop = asyncio.get_running_loop()

    async def watch() -> None:
        while True:
            wakes_at = loop.time() + _NAP_SECONDS
            await asyncio.sleep(_NAP_SECONDS)
            lag.append(loop.time() - wakes_at)

    watching = asyncio.create_task(watch())
    try:
        yield lag
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
