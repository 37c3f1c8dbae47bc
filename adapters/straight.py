"""The straight way to a system: one question's bytes out, one answer's bytes back.

A question to a register is ours to the byte: there is nothing to log in to, to follow, to decode
or to keep for the next one, so it need not pass through the machinery a client library has for
that. Failures are the library's own, whatever carries the question.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import httpx2 as httpx


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer whose body is still to be read, part by part; `headers` know no letter case."""

    status: int
    headers: Mapping[str, str]
    parts: AsyncIterator[bytes] = field(repr=False)


class Straight(Protocol):
    """Whatever carries a question."""

    def exchange(
        self, address: str, body: bytes, *, headers: Mapping[str, str], seconds: float
    ) -> AbstractAsyncContextManager[Begun]:
        """The answer to a POST; leaving the block lets go of its connection."""


class Carried:
    """The straight way over any transport of the client library."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def exchange(
        self, address: str, body: bytes, *, headers: Mapping[str, str], seconds: float
    ) -> AsyncIterator[Begun]:
        """The answer to a POST; leaving the block lets go of its connection."""
        patience = {"timeout": httpx.Timeout(seconds).as_dict()}
        request = httpx.Request("POST", address, headers=headers, content=body, extensions=patience)
        response = await self._transport.handle_async_request(request)
        try:
            yield Begun(response.status_code, response.headers, response.aiter_raw())
        finally:
            await response.aclose()
