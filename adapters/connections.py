"""The connections beneath the client: aiohttp's, behind the client library's transport interface.

The library's own connections take twice the processor time of a whole call. Of aiohttp's
exceptions those raised before a connection stood are named apart: only then was nothing sent.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cache, lru_cache
from ipaddress import ip_address

import aiohttp
import httpx2 as httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.straight import Begun


class Connections(httpx.AsyncBaseTransport):
    """Connections to a system, opened when needed and kept; cookies are the client's matter."""

    def __init__(
        self, verify: ssl.SSLContext | bool, at_most: int, pins: "Pins | None" = None
    ) -> None:
        """Names are looked up in `pins` alone where those are given."""
        self._verify = verify
        self._at_most = at_most
        self._pins = pins
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's beginning; its body is read from the stream."""
        with _named(request):
            answer = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread(),
                allow_redirects=False,
                timeout=_timeout(request),
            )
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=_Body(answer, request)
        )

    @asynccontextmanager
    async def exchange(
        self, address: str, body: bytes, *, headers: Mapping[str, str], seconds: float
    ) -> AsyncIterator[Begun]:
        """The answer to a POST; leaving the block lets go of its connection."""
        with _named():
            answer = await self._opened().post(
                _url(address),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=_patience(seconds),
            )
        try:
            yield Begun(answer.status, answer.headers, _parts(answer))
        finally:
            _let_go(answer)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:  # needs a running loop
            self._session = self._open()
        return self._session

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._at_most,
            ssl=_usual_trust() if self._verify is True else self._verify,
            resolver=self._pins,
            use_dns_cache=self._pins is None,
        )
        return aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )


class Pins(AbstractResolver):
    """One host with the network addresses that were checked; it knows no other and asks nobody."""

    def __init__(self, host: str, addresses: Collection[str]) -> None:
        self._host = host
        self._addresses = tuple(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of the host in the shape of the connection library."""
        if host != self._host:
            raise OSError("another host")
        every = [self._place(address, port) for address in self._addresses]
        return [place for place in every if family in (socket.AF_UNSPEC, place["family"])]

    def _place(self, address: str, port: int) -> ResolveResult:
        family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
        return ResolveResult(
            hostname=self._host,
            host=address,
            port=port,
            family=family,
            proto=socket.IPPROTO_TCP,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )

    async def close(self) -> None:
        """Nothing is open."""


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in _parts(self._answer, self._request):
            yield part

    async def aclose(self) -> None:
        _let_go(self._answer)


async def _parts(
    answer: aiohttp.ClientResponse, request: httpx.Request | None = None
) -> AsyncIterator[bytes]:
    with _named(request):
        while part := await answer.content.readany():
            yield part


def _let_go(answer: aiohttp.ClientResponse) -> None:
    # A connection with unread bytes on it is worth nothing to the next call.
    if answer.content.at_eof():
        answer.release()
    else:
        answer.close()


@cache
def _usual_trust() -> ssl.SSLContext:
    # Loading the world's certificates takes longer than a call, and nobody changes them later.
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _named(request: httpx.Request | None = None) -> Iterator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise httpx.ConnectTimeout("", request=request) from None
    except aiohttp.ClientConnectorError:
        raise httpx.ConnectError("", request=request) from None
    except aiohttp.ServerTimeoutError:
        raise httpx.ReadTimeout("", request=request) from None
    except aiohttp.ClientConnectionError:
        raise httpx.ReadError("", request=request) from None
    except (aiohttp.ClientError, ValueError):
        raise httpx.RemoteProtocolError("", request=request) from None


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    seconds = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None, connect=seconds.get("connect"), sock_read=seconds.get("read")
    )


@lru_cache(maxsize=256)
def _url(address: str) -> URL:
    return URL(address, encoded=True)


@lru_cache(maxsize=64)
def _patience(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=seconds, sock_read=seconds)
