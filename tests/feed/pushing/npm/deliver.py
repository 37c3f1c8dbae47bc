"""Delivers a few changes and lets the libraries of npm take them; see the README beside it."""

import asyncio
import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.database import open_database
from gateway.migrations import migrate
from tests.feed.province import children
from tests.feed.pushing.lane import SECRET, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import Received, receiving

HERE = Path(__file__).parent
CHANGES = 6


async def deliveries(batch: int) -> list[Received]:
    """The requests by which the changes were delivered."""
    with TemporaryDirectory() as folder:
        store = open_database(f"sqlite+aiosqlite:///{folder}/jisui.db")
        await migrate(store)
        async with receiving() as subscriber, bench(store) as lanes:
            lanes.clock.set(datetime.now(UTC))
            await subscribe_to_push(store, "a", subscriber.url, batch=batch)
            await changes_of(store, await children(store, 2), CHANGES)
            await lanes.deliver()
        await store.close()
    return subscriber.received


def take(requests: list[Received]) -> dict[str, object]:
    """What the libraries made of them."""
    lines = [
        json.dumps({"headers": one.headers, "body": base64.b64encode(one.body).decode()})
        for one in requests
    ]
    done = subprocess.run(
        ["node", str(HERE / "take.mjs"), SECRET],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"not taken: {done.stderr.strip().splitlines()[-1:]}")
    taken: dict[str, object] = json.loads(done.stdout)
    return taken


def main() -> int:
    """Exit code 0 where everything was taken."""
    expected = [str(number) for number in range(1, CHANGES + 1)]
    found = [take(asyncio.run(deliveries(batch))) for batch in (1, 4)]
    sys.stdout.write(f"{json.dumps(found)}\n")
    return 0 if all(taken["numbers"] == expected for taken in found) else 1


if __name__ == "__main__":
    sys.exit(main())
