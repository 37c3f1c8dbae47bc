"""The one door to the network: bounded answers, and foreign failures named at one border."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

# httpx2 continues httpx under the same interface; httpx itself has stopped releasing.
import httpx2 as httpx

from adapters.connections import Connections
from contracts.errors import OutcomeUnknown, Unavailable, Unreadable

Client = httpx.AsyncClient
Transport = httpx.AsyncBaseTransport
AsgiTransport = httpx.ASGITransport
ClientFailure = httpx.HTTPError

ANSWER_LIMIT = 16 * 1024 * 1024
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


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
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(seconds),
        transport=transport or Connections(verify, at_most=64),
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
        async with client.stream("POST", path, content=body, headers=dict(headers)) as response:
            return Answer(
                response.status_code, response.headers, await _bounded(response, system, operation)
            )


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


async def _bounded(response: httpx.Response, system: str, operation: str) -> bytes:
    # An encoding we did not ask for could inflate without limit inside the library.
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreadable(system, operation, "content-encoding")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise Unreadable(system, operation, "too long")
    return bytes(body)
