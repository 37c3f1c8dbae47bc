"""The one place that sends again: reads only, transient failures only, within the deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from contracts.errors import OutcomeUnknown, SystemFailure, Unavailable

T = TypeVar("T")

READ_ATTEMPTS = 3
_log = structlog.get_logger()


async def within(
    seconds: float,
    send: Callable[[], Awaitable[T]],
    *,
    system: str,
    operation: str,
    writing: bool,
) -> T | SystemFailure:
    """The answer, or the failure the call ended in; never later than `seconds` from now.

    A write is never sent twice here: whether it was done is for reconciling to find out.
    """
    late = OutcomeUnknown if writing else Unavailable
    try:
        async with asyncio.timeout(seconds):
            return await (send() if writing else _retried(send))
    except TimeoutError:
        return late(system, operation, "deadline")
    except SystemFailure as failure:
        return failure
    except Exception as defect:
        # One answer that trips a defect of ours must not take the calls beside it along.
        _log.error("call_failed", system=system, operation=operation, fault=type(defect).__name__)
        return late(system, operation, type(defect).__name__)


async def _retried(send: Callable[[], Awaitable[T]]) -> T:
    attempts = AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        stop=stop_after_attempt(READ_ATTEMPTS),
        # Not wait_exponential_jitter: it adds up to a second whatever the multiplier.
        wait=wait_random_exponential(multiplier=0.1, max=2.0),
        reraise=True,
    )
    async for attempt in attempts:
        with attempt:
            return await send()
    raise AssertionError("a retry loop ends in an answer or an exception")
