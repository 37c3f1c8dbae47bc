"""One of the processes of a storm: prepares as many calls as there is room for, on and on.

Reads its orders from standard input, then until when to go on, and prints what it did; instants are
those of the machine's monotonic clock, which all its processes share.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field

from contracts.errors import SystemFailure
from gateway.calls.call import Call
from gateway.calls.deadlines import after
from gateway.calls.rooms import SOON
from gateway.database import open_database
from gateway.logs import configure_logs
from tests.calls.desk import Desk, open_desk

TICK_SECONDS = 0.05


@dataclass
class Storm:
    """What is wanted, what left and what was answered."""

    desk: Desk
    rate: float
    until: float
    demand: int = 0
    waiting: int = 0
    left_at: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)

    async def rage(self) -> None:
        """Want `rate` answers a second until the end, then wait for what is under way."""
        began = self._now()
        async with asyncio.TaskGroup() as under_way:
            while self._now() < self.until:
                wanted = int((self._now() - began) * self.rate) - self.demand
                self.demand += wanted
                self.waiting += wanted
                room = await self.desk.room(self.waiting) if self.waiting else None
                if room is not None and room.calls:
                    self.waiting -= room.calls
                    under_way.create_task(self._ask(room.calls))
                await asyncio.sleep(TICK_SECONDS)

    async def _ask(self, calls: int) -> None:
        answers = await self.desk.exchange(*(self._call() for _ in range(calls)))
        failed = sum(isinstance(answer, SystemFailure) for answer in answers)
        self.answered_at += [self._now()] * (calls - failed)
        if failed:
            await asyncio.sleep(SOON.total_seconds())
        self.waiting += failed

    def _call(self) -> Call[str]:
        call = self.desk.call(deadline=after(5.0))
        send = call.send

        async def counted() -> object:
            self.left_at.append(self._now())
            return await send()

        object.__setattr__(call, "send", counted)
        return call

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> None:
    """Take part in the storm: ready first, then told until when."""
    configure_logs("ERROR")
    orders = json.loads(sys.stdin.readline())
    database = open_database(orders["database_url"])
    async with open_desk(database, orders["url"], seconds=1.0, at_once=16) as desk:
        await desk.exchange(desk.call())
        tell("ready")
        storm = Storm(desk, orders["rate"], float(sys.stdin.readline()))
        await storm.rage()
    await database.close()
    told = {"demand": storm.demand, "left_at": storm.left_at, "answered_at": storm.answered_at}
    tell(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
