"""The one door to the network: bounded answers, and foreign failures named at one border."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

# httpx2 continues httpx under the same interface; httpx itself has stopped releasing.
import httpx2 as httpx

from adapters.connections import Connections
from adapters.straight import Begun, Carried, Straight
from contracts.errors import OutcomeUnknown, Unavailable, Unreadable

Transport = httpx.AsyncBaseTransport
AsgiTransport = httpx.ASGITransport
ClientFailure = httpx.HTTPError

ANSWER_LIMIT = 16 * 1024 * 1024
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
