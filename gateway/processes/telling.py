"""What every long-lived process has: a word when it is ready, an ear for the signal to end."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping


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
