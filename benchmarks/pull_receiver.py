"""Many subscribers in one process: each pulls its stream to the end and verifies every page.

Told on standard input: where, as whom, and each subscription with the key of its signatures.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from gateway.feed.client.pages import Gateway

PAGE = 1000


async def pull_all(told: Mapping[str, Any]) -> dict[str, float]:
    """How many events came, verified and without a hole, in how many seconds."""

    async def headers() -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {told['token']}",
            "Jisui-Purpose": "supervision",
            "X-Road-Issue": "BENCH-1",
            "Accept-Encoding": "identity",
        }

    async with httpx.AsyncClient(base_url=told["url"], timeout=120.0, verify=False) as client:
        gateways = [
            Gateway(client, name, headers, (key,)) for name, key in told["subscriptions"].items()
        ]
        began = time.perf_counter()
        counts = await asyncio.gather(*(pull(gateway) for gateway in gateways))
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "events": sum(counts),
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }


async def pull(gateway: Gateway) -> int:
    """How many events one stream holds: the client refuses a page with a hole or a bad proof."""
    position, ids = 0, set[str]()
    while True:
        page = await gateway.page(position, PAGE)
        ids.update(event["data"]["change"] for event in page.events)
        position += len(page.events)
        if position >= page.head:
            break
    assert len(ids) == position, "a change came twice"
    return position


if __name__ == "__main__":
    json.dump(asyncio.run(pull_all(json.load(sys.stdin))), sys.stdout)
