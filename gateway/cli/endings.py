"""How commands end: exit codes, signals, and a coroutine run to its end."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from contracts.errors import JisuiError

NOT_SO = 1  # the thing asked about is not so, or not everything is settled
REFUSED = 2  # wrong use, or refused with a sentence that says why
NO_ENVIRONMENT = 3

T = TypeVar("T")


class NoEnvironment(JisuiError):
    """Something the command needs is not there: a store, a server, a disk."""

    code = NO_ENVIRONMENT


class Interrupted(NoEnvironment):
    """A signal ended the command, and the command ended all it had started."""

    def __init__(self, number: int) -> None:
        super().__init__("已结束 · ended")
        self.code = 128 + number


def run(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives, on a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def run_on_store(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that uses the store; raise `NoEnvironment` where it cannot be used."""
    from sqlalchemy.exc import SQLAlchemyError

    from gateway.keys import KeysMissing

    try:
        return run(work)
    except KeysMissing as error:
        raise NoEnvironment(f"密钥不可用 · a key cannot be read: {error}") from None
    except (SQLAlchemyError, OSError) as error:
        # Only its kind: what a driver says may quote the address, and a row.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise NoEnvironment(
            f"数据库或磁盘不可用 · the store or the disk cannot be used ({kind});"
            " 请检查 · check database_url, keys_folder, jisui migrate"
        ) from None


def run_until_told(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives; a signal lets it clean up once, then raises `Interrupted`."""
    return run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    told: list[int] = []

    def end(number: int) -> None:
        # Only the first counts: a second Ctrl-C must not cut the cleaning up short.
        if not told:
            task.cancel()
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise Interrupted(told[0]) from None
        raise
