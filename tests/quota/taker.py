"""A process that takes calls from a quota until the day's are gone, and tells when it got each."""

import asyncio
import json
import secrets
import sys
from datetime import datetime, timedelta
from time import monotonic

from gateway.clock import SystemClock
from gateway.database import open_database
from gateway.identifiers import Identifiers
from gateway.keys import Keys
from gateway.logs import configure_logs
from gateway.settings import load_settings
from gateway.wiring.shared import open_quota, open_shared

SYSTEM = "population"


class Shifted:
    """The system's clock at another time of day."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return SystemClock().now() + self._ahead


async def take_all(database_url: str, redis_url: str, ahead: float, quota: list[object]) -> None:
    """Write one line a grant: the instants before and after it, and how many calls it was for."""
    settings = load_settings(
        database_url=database_url, redis_url=redis_url, systems={SYSTEM: {"quota": quota}}
    )
    clock = Shifted(ahead)
    keys = Keys(file=bytes(32), index=bytes(32), token=bytes(32))
    identifiers = Identifiers(clock, secrets.token_bytes)
    database = open_database(database_url)
    async with (
        open_shared(settings, keys, clock) as shared,
        open_quota(settings, database, clock, identifiers, shared) as counted,
    ):
        for number in range(10**9):
            before = monotonic()
            grant = await counted.take(SYSTEM, 1 + number % 3)
            if grant.calls:
                sys.stdout.write(f"{before} {monotonic()} {grant.calls}\n")
                sys.stdout.flush()
            wait = (grant.wait_until or clock.now()) - clock.now()
            if not grant.calls and wait > timedelta(hours=1):
                break
            await asyncio.sleep(min(max(wait.total_seconds(), 0.005), 0.2))
    await database.close()


if __name__ == "__main__":
    configure_logs("ERROR")  # what is written on standard output is for the test
    asyncio.run(take_all(**json.loads(sys.argv[1])))
