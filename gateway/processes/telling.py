"""What every long-lived process has: a word when it is ready, an ear for the signal to end."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.alone import alone
from gateway.settings import Settings


def tell(facts: Mapping[str, object]) -> None:
    """One line of JSON on standard output, for people and for whoever started us."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@contextmanager
def only_one(settings: Settings, kind: str) -> Iterator[None]:
    """On an embedded store, be the only process of this kind or raise `AlreadyRunning`."""
    if not settings.embedded:
        yield
        return
    with alone(Path(make_url(settings.database_url).database or ".").parent, kind):
        yield
