"""A subscriber follows the gateway itself over pages that are lost, cut and forged."""

import base64
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx2 as httpx
import pytest

from gateway.database import open_database
from gateway.feed.client.following import follow
from gateway.feed.client.inbox import Inbox
from gateway.feed.client.pages import Gateway, Refused, Unheard
from gateway.feed.client.signatures import Forged
from gateway.feed.subscribing.secrets import Secrets
from tests.feed.pulling.door import THEIRS, Door, open_door


class Losing(httpx.AsyncBaseTransport):
    """The way to the gateway; answers are lost, or changed by `spoil`."""

    def __init__(
        self, way: httpx.AsyncBaseTransport, chance: Random | None = None, share: float = 0.4
    ) -> None:
        self.way, self.chance, self.share, self.lost = way, chance, share, 0
        self.spoil = lambda answer, body: (answer.headers, body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.way.handle_async_request(request)
        body = b"".join([part async for part in answer.aiter_raw()])
        if self.chance is not None and self.chance.random() < self.share:
            self.lost += 1
            raise httpx.ReadError("", request=request)
        headers, body = self.spoil(answer, body)
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))


def gateway_of(
    door: Door, way: httpx.AsyncBaseTransport, secrets: Secrets | None, **who: str
) -> Gateway:
    async def headers() -> Mapping[str, str]:
        return await door.headers(**who)

    client = httpx.AsyncClient(transport=way, base_url="http://gateway", verify=False)
    keys = (secrets.hmac[0], secrets.public_key) if secrets else ()
    return Gateway(client, "a", headers, keys, lambda: door.clock.now().timestamp())


async def no_time(_: float) -> None:
    return None


async def collect(events: AsyncIterator) -> list[int]:
    return [int(event["sequence"]) async for event in events]


@pytest.fixture
async def door(migrated_sqlite_url: str) -> AsyncIterator[Door]:
    """The pull door over SQLite."""
    store = open_database(migrated_sqlite_url)
    async with open_door(store) as opened:
        yield opened
    await store.close()


@pytest.fixture
def way(door: Door) -> Losing:
    return Losing(door.client._transport)


async def test_every_event_comes_once_though_answers_are_lost(door: Door, tmp_path: Path) -> None:
    secrets = await door.subscribe("a")
    way = Losing(door.client._transport, Random(4))
    gateway, seen = gateway_of(door, way, secrets), []
    for _ in range(4):
        await door.happen(15)
        inbox = Inbox(tmp_path / "received.db")  # the subscriber was restarted
        seen += await collect(follow(gateway, inbox, limit=4, once=True, sleep=no_time))
        inbox.close()
    assert seen == list(range(1, 61))
    assert way.lost > 5
    assert await door.column("a", "acknowledged") > 50


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_signed_page_is_taken_in_either_coding(
    door: Door, way: Losing, encoding: str
) -> None:
    gateway = gateway_of(door, way, await door.subscribe("a"))
    gateway.client.headers["Accept-Encoding"] = encoding
    await door.happen(3)
    page = await gateway.page(1, limit=2)
    assert ([event["sequence"] for event in page.events], page.head) == (["2", "3"], 3)


def cut(answer: httpx.Response, body: bytes) -> tuple[Mapping[str, str], bytes]:
    return answer.headers, body[:-1]


def changed(answer: httpx.Response, body: bytes) -> tuple[Mapping[str, str], bytes]:
    body = body.replace(b"3133000001", b"3133000002")
    digest = base64.b64encode(sha256(body).digest()).decode()
    return {**answer.headers, "content-digest": f"sha-256=:{digest}:"}, body


def other_head(answer: httpx.Response, body: bytes) -> tuple[Mapping[str, str], bytes]:
    return {**answer.headers, "jisui-feed-head": "2"}, body


@pytest.mark.parametrize(
    ("spoil", "raised"), [(cut, Unheard), (changed, Forged), (other_head, Forged)]
)
async def test_a_spoilt_page_is_not_taken(door: Door, way: Losing, spoil, raised) -> None:
    gateway = gateway_of(door, way, await door.subscribe("a"))
    gateway.client.headers["Accept-Encoding"] = "identity"
    await door.happen(3)
    way.spoil = spoil
    with pytest.raises(raised):
        await gateway.page(0)


async def test_an_older_page_sent_again_is_not_taken(door: Door, way: Losing) -> None:
    gateway = gateway_of(door, way, await door.subscribe("a"))
    await door.happen(3)
    answer = await door.pull(after=0, limit=1)
    way.spoil = lambda *_: (answer.headers, answer.content)
    assert len((await gateway.page(0, limit=1)).events) == 1
    with pytest.raises(Forged):
        await gateway.page(1, limit=1)


async def test_a_gateway_that_refuses_or_fails_is_told_apart(door: Door, way: Losing) -> None:
    gateway = gateway_of(door, way, await door.subscribe("a"), institution=THEIRS)
    with pytest.raises(Refused):
        await gateway.page(0)
    dead = Losing(door.client._transport, Random(1), 1.0)
    deaf, inbox = gateway_of(door, dead, None), Inbox(":memory:")
    with pytest.raises(Unheard):
        await collect(follow(deaf, inbox, once=True, patience=3, sleep=no_time))
    assert dead.lost == 4
