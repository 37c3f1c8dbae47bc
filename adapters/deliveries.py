"""Delivering messages: to one host, at network addresses that were checked, and nowhere else.

Straight over aiohttp: what the client library builds around each request costs more than a message
of one event.
"""

import asyncio
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache

import aiohttp
from yarl import URL

from adapters.connections import Pins
from adapters.transport import Answer
from contracts.errors import OutcomeUnknown, Unavailable

RECEIPT_LIMIT = 64 * 1024
RECEIPT_SECONDS = 1.0
SILENT = "ReadTimeout"
_WHOM, _WHAT = "subscriber", "deliver"
_OURS_TO_SAY = ("User-Agent", "Accept", "Accept-Encoding")


class Delivery:
    """A way to one host, over one connection, which is opened when needed and kept.

    No proxies, no redirects, no cookies. In TLS it is still the host that has to prove its name.
    """

    def __init__(
        self, host: str, addresses: Collection[str], *, seconds: float, verify: ssl.SSLContext
    ) -> None:
        """An attempt lasts so many seconds at most."""
        self._pins = Pins(host, addresses)
        self._seconds = seconds
        self._verify = verify
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a message without its body, which is nobody's concern.

        Raises `Unavailable` where nothing was sent, `OutcomeUnknown` where it may have been.
        """
        if self._session is None:  # needs a running loop
            self._session = self._open()
        with _named_failures():
            async with asyncio.timeout(self._seconds):
                receipt = await self._session.post(
                    _parsed(url), data=body, headers=headers, allow_redirects=False
                )
                try:
                    await _drain(receipt)
                finally:
                    _let_go(receipt)
        return Answer(receipt.status, receipt.headers, b"")

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=1, ssl=self._verify, resolver=self._pins, use_dns_cache=False
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=self._seconds),
            headers={"Accept": "*/*", "Accept-Encoding": "identity"},
            skip_auto_headers=_OURS_TO_SAY,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )


async def _drain(receipt: aiohttp.ClientResponse) -> None:
    """Read what little there is of a receipt, so that its connection can be used again."""
    if receipt.content.at_eof():
        return
    length = 0
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(RECEIPT_SECONDS):
            while part := await receipt.content.readany():
                length += len(part)
                if length > RECEIPT_LIMIT:
                    return


def _let_go(receipt: aiohttp.ClientResponse) -> None:
    # A connection with unread bytes on it is worth nothing to the next message.
    if receipt.content.at_eof():
        receipt.release()
    else:
        receipt.close()


@lru_cache(maxsize=1024)
def _parsed(url: str) -> URL:
    return URL(url, encoded=True)


@contextmanager
def _named_failures() -> Iterator[None]:
    """Turn the library's exceptions into ours, naming only their kind."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise Unavailable(_WHOM, _WHAT, "ConnectTimeout") from None
    except aiohttp.ClientConnectorError:
        raise Unavailable(_WHOM, _WHAT, "ConnectError") from None
    except TimeoutError:
        raise OutcomeUnknown(_WHOM, _WHAT, SILENT) from None
    except aiohttp.ClientConnectionError:
        raise OutcomeUnknown(_WHOM, _WHAT, "ReadError") from None
    except (aiohttp.ClientError, ValueError):
        raise OutcomeUnknown(_WHOM, _WHAT, "RemoteProtocolError") from None
