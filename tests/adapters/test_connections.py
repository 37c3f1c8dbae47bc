"""The connections beneath the client: what a failure on them may have done over there."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trustme

from adapters import transport
from contracts.errors import OutcomeUnknown, SystemFailure, Unavailable, Unreadable

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def listening(
    answer: Answer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server's address, and the heads of the requests it got; `answer` acts on each."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heads.append(head)
                await reader.readexactly(4)
                await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    async with server:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


def saying(*parts: bytes, then_close: bool = False) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        if then_close:
            writer.close()

    return answer


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def write(client: transport.Client) -> transport.Answer:
    return await transport.post(
        client, "/v1/x", b"wish", system="s", operation="o", headers={}, writing=True
    )


async def failing(url: str, seconds: float = 5.0) -> SystemFailure:
    async with transport.open_client(url, seconds=seconds) as client:
        with pytest.raises(SystemFailure) as caught:
            await write(client)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        saying(then_close=True),
        saying(b"HTTP/1.1 200 OK\r\nContent-Le", then_close=True),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", then_close=True),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", then_close=True),
        saying(b"SSH-2.0-OpenSSH\r\n\r\n", then_close=True),
        saying(b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n", then_close=True),
    ],
    ids=["no answer", "half a head", "half a body", "bad chunks", "another protocol", "bad header"],
)
async def test_a_write_whose_answer_broke_may_have_been_done(answer: Answer) -> None:
    async with listening(answer) as (url, heads):
        assert isinstance(await failing(url), OutcomeUnknown)
    assert len(heads) == 1, "it must not be sent again"


async def test_a_write_on_a_kept_connection_that_breaks_is_not_sent_again() -> None:
    turns = iter([saying(OK), saying(then_close=True)])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(turns)(reader, writer)

    async with listening(answer) as (url, heads), transport.open_client(url) as client:
        await write(client)
        with pytest.raises(OutcomeUnknown):
            await write(client)
    assert len(heads) == 2


async def test_a_write_that_nobody_answers_in_time_may_have_been_done() -> None:
    async with listening(silent) as (url, _):
        assert isinstance(await failing(url, seconds=0.2), OutcomeUnknown)


async def test_a_write_to_nobody_was_not_done() -> None:
    async with listening(silent) as (url, _):
        pass
    assert isinstance(await failing(url), Unavailable)


async def test_a_certificate_that_nobody_vouches_for_is_told_nothing() -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    async with listening(saying(OK), tls) as (url, heads):
        assert isinstance(await failing(url), Unavailable)
    assert heads == []


async def test_a_certificate_of_a_trusted_authority_is_good() -> None:
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with (
        listening(saying(OK), tls) as (url, _),
        transport.open_client(url, verify=trusted) as client,
    ):
        assert (await write(client)).body == b"ok"


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    async with listening(saying(moved)) as (url, heads), transport.open_client(url) as client:
        assert (await write(client)).status == 307
    assert len(heads) == 1


async def test_an_encoding_nobody_asked_for_is_not_unpacked() -> None:
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
    async with listening(saying(packed)) as (url, heads):
        assert isinstance(await failing(url), Unreadable)
    assert b"accept-encoding: identity" in heads[0].lower()


async def test_answers_on_one_connection_serve_call_after_call() -> None:
    peers: set[object] = set()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.add(writer.get_extra_info("peername"))
        writer.write(OK)

    async with listening(answer) as (url, _), transport.open_client(url) as client:
        for _ in range(5):
            await write(client)
    assert len(peers) == 1
