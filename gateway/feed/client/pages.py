"""Asking the gateway: pages that are what they say they are, acknowledgements, digests."""

import base64
import json
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx2 as httpx

from gateway.feed.client.inbox import Event
from gateway.feed.client.signatures import Forged, require_signed

PATH = "/v1/feeds/status-changes"
PAGE_LIMIT = 64 * 1024 * 1024  # bytes of one page, decoded

Headers = Callable[[], Awaitable[Mapping[str, str]]]


class Unheard(Exception):
    """The gateway cannot be reached, or is not able to answer now: ask again later."""


class Refused(Exception):
    """The gateway does not allow this, or not as it is asked; its own words say why."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Page:
    """Events without a hole after the number asked after, and the stream's last number."""

    events: Sequence[Event]
    head: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """One subscription at one gateway; `headers` gives token, purpose and case for each request.

    With `keys` (`whsec_…`, `whpk_…`) a page that is not signed under one of them is refused.
    """

    client: httpx.AsyncClient
    subscription: str
    headers: Headers
    keys: Sequence[str] = ()
    now: Callable[[], float] = time.time

    async def page(self, after: int, limit: int = 1000, wait: float = 0) -> Page:
        """The events after a number; raise `Unheard`, `Refused` or `Forged`."""
        asked = {"after": after, "limit": limit, "wait": wait}
        headers, content = await self._ask("GET", "", asked)
        body = _decoded(headers, content)
        head = int(headers["jisui-feed-head"])
        events: list[Event] = json.loads(body)
        if self.keys:
            last = after + len(events)
            named = require_signed(headers, body, self.keys, self.now())
            if named != f"{self.subscription}-{after}-{last}-{head}":
                raise Forged("another page than the one asked for")
        if [int(event["sequence"]) for event in events] != list(
            range(after + 1, after + 1 + len(events))
        ):
            raise Forged("numbers are missing on the page")
        return Page(events, head)

    async def acknowledge(self, number: int) -> None:
        """Tell up to where everything is received."""
        await self._ask("PUT", "/position", {}, {"acknowledged": number})

    async def read(self, address: str, **asked: str) -> Any:
        """What another of the feed's addresses answers, read as JSON."""
        _, content = await self._ask("GET", address, asked)
        return json.loads(content)

    async def _ask(
        self, method: str, path: str, asked: Mapping[str, str | float], body: object = None
    ) -> tuple[Mapping[str, str], bytes]:
        """Headers and content as sent."""
        request = self.client.build_request(
            method,
            f"{PATH}{path}",
            params={"subscription": self.subscription, **asked},
            json=body,
            headers=dict(await self.headers()),
        )
        try:
            answer = await self.client.send(request, stream=True)
            try:
                content = b"".join([part async for part in answer.aiter_raw()])
            finally:
                await answer.aclose()
        except httpx.HTTPError as error:
            raise Unheard(type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unheard(str(answer.status_code))
        if answer.status_code >= 400:
            raise Refused(answer.status_code, content.decode(errors="replace"))
        return answer.headers, content


def _decoded(headers: Mapping[str, str], content: bytes) -> bytes:
    """The page before its coding, when its digest is right."""
    digest = f"sha-256=:{base64.b64encode(sha256(content).digest()).decode()}:"
    if headers.get("content-digest") != digest:
        raise Unheard("the page came in pieces")
    if headers.get("content-encoding", "identity") == "identity":
        return content
    inflating = zlib.decompressobj(wbits=31)
    body = inflating.decompress(content, PAGE_LIMIT)
    if not inflating.eof:
        raise Forged("a page without an end")
    return body
