"""The one door to the network: bounded answers, and foreign failures named at one border."""

import asyncio
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

# httpx2 continues httpx under the same interface; httpx itself has stopped releasing.
import httpx2 as httpx

from adapters.connections import Connections, Pins
from adapters.straight import Begun, Carried, Straight
from contracts.errors import OutcomeUnknown, Unavailable, Unreadable

Transport = httpx.AsyncBaseTransport
AsgiTransport = httpx.ASGITransport
ClientFailure = httpx.HTTPError

ANSWER_LIMIT = 16 * 1024 * 1024
RECEIPT_LIMIT = 64 * 1024
RECEIPT_SECONDS = 1.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Client(httpx.AsyncClient):
    """The library's client, and beside it the straight way to its system that `post` takes."""

    def __init__(self, straight: Straight, seconds: float, **settings: Any) -> None:
        super().__init__(timeout=httpx.Timeout(seconds), **settings)
        self.straight = straight
        self.seconds = seconds
        self.own_headers = dict(self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and at most `ANSWER_LIMIT` bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def open_client(
    base_url: str,
    *,
    seconds: float = 10.0,
    verify: ssl.SSLContext | bool = True,
    transport: Transport | None = None,
) -> Client:
    """A client for one system: no proxies, no redirects, no compressed answers."""
    straight: Straight
    if transport is None:
        transport = straight = Connections(verify, at_most=64)
    else:
        straight = Carried(transport)
    return Client(
        straight,
        seconds,
        base_url=base_url,
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
    )


async def post(
    client: Client,
    path: str,
    body: bytes,
    *,
    system: str,
    operation: str,
    headers: Mapping[str, str],
    writing: bool = False,
) -> Answer:
    """The answer to a POST, whatever its status.

    Raises `Unavailable` where nothing can have changed over there, `OutcomeUnknown` where a write
    may have been done, `Unreadable` for an answer longer than `ANSWER_LIMIT`.
    """
    with named_failures(system, operation, writing=writing):
        address, every = _address(client.base_url, path), client.own_headers | _lowered(headers)
        async with client.straight.exchange(
            address, body, headers=every, seconds=client.seconds
        ) as begun:
            answered = await _bounded(begun, system, operation)
    return Answer(begun.status, begun.headers, answered)


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@lru_cache(maxsize=256)
def _address(base: httpx.URL, path: str) -> str:
    relative = httpx.URL(path)
    if relative.is_absolute_url:
        return path
    return str(base.copy_with(raw_path=base.raw_path + relative.raw_path.lstrip(b"/")))


def open_pinned_client(
    host: str, addresses: Collection[str], *, seconds: float, verify: ssl.SSLContext
) -> Client:
    """A client for one host whose connections end at these network addresses and nowhere else.

    In TLS it is still the host that has to prove its name.
    """
    pinned = Connections(verify, at_most=1, pins=Pins(host, addresses))
    return open_client("", seconds=seconds, transport=pinned)


async def deliver(
    client: Client, url: str, body: bytes, *, seconds: float, headers: Mapping[str, str]
) -> Answer:
    """The answer to a message without its body, which is nobody's concern, within so many seconds.

    Raises `Unavailable` where nothing was sent, `OutcomeUnknown` where it may have been received.
    """
    with named_failures("subscriber", "deliver", writing=True):
        try:
            async with (
                asyncio.timeout(seconds),
                client.stream("POST", url, content=body, headers=dict(headers)) as response,
            ):
                await _drained(response)
                return Answer(response.status_code, response.headers, b"")
        except TimeoutError:
            raise httpx.ReadTimeout("") from None


async def _drained(response: httpx.Response) -> None:
    """Read what little there is of a receipt, so that its connection can be used again."""
    length = 0
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(RECEIPT_SECONDS):
            async for chunk in response.aiter_raw():
                length += len(chunk)
                if length > RECEIPT_LIMIT:
                    return


@contextmanager
def named_failures(system: str, operation: str, *, writing: bool) -> Iterator[None]:
    """Turn the client library's exceptions into ours, naming only their kind."""
    try:
        yield
    except _NEVER_SENT as error:
        raise Unavailable(system, operation, type(error).__name__) from None
    except httpx.HTTPError as error:
        lost = OutcomeUnknown if writing else Unavailable
        raise lost(system, operation, type(error).__name__) from None


async def _bounded(begun: Begun, system: str, operation: str) -> bytes:
    # An encoding we did not ask for could inflate without limit inside the library.
    if begun.headers.get("content-encoding", "identity") != "identity":
        raise Unreadable(system, operation, "content-encoding")
    body = bytearray()
    async for chunk in begun.parts:
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise Unreadable(system, operation, "too long")
    return bytes(body)
