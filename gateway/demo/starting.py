"""Starts the demonstration: three processes that get ready side by side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gateway.demo.children import Child, started
from gateway.demo.stage import ASKED, Stage


class Parts(NamedTuple):
    """The three processes."""

    simulators: Child
    gateway: Child
    worker: Child


@dataclass(frozen=True, slots=True)
class Running:
    """A demonstration that is up: where everybody answers, and who may ask."""

    stage: Stage
    systems: Mapping[str, str]
    gateway: str
    introduced: Mapping[str, Any] = field(repr=False)
    parts: Parts = field(repr=False)


@asynccontextmanager
async def gathered(folder: Path) -> AsyncIterator[Parts]:
    """Processes that import what they need and then wait to be told; stopped at the end.

    Each ends before those it asks: the worker, the gateway, the simulators.
    """
    async with AsyncExitStack() as everything:
        simulators = await everything.enter_async_context(started("simulate", folder))
        gateway = await everything.enter_async_context(started("serve", folder))
        worker = await everything.enter_async_context(started("work", folder))
        yield Parts(simulators, gateway, worker)


async def begin(
    parts: Parts,
    stage: Stage,
    area: str,
    port: int = 0,
    systems_ports: Mapping[str, int] | None = None,
) -> Running:
    """Tell each process what it must know as soon as that is known; all of them at work.

    Without ports, free ones are taken.
    """
    parts.simulators.tell({"world": str(stage.world), "ports": systems_ports})
    urls = await parts.simulators.hear()
    configuration = str(stage.configure(urls, port))
    who = {"school": stage.school, "area": area}
    subscriber = stage.subscriber.told() if stage.subscriber else None
    parts.gateway.tell({"configuration": configuration, **who, "subscriber": subscriber})
    introduced = await parts.gateway.hear()
    parts.worker.tell({"configuration": configuration})
    answering = await parts.gateway.hear()
    await parts.worker.hear()
    systems = {name: stage.replaced.get(name, urls[name]) for name in ASKED}
    return Running(stage, systems, answering["url"], introduced, parts)
