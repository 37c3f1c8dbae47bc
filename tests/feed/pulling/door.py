"""The pull door over a store of its own: subscribers with tokens, children who change."""

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx2 as httpx
from sqlalchemy import select

from contracts.events import load_vocabulary
from gateway.access.admission import Access, Signatory
from gateway.access.demo import register_demo_caller
from gateway.access.keys import signing_key
from gateway.access.policy import load_policy
from gateway.access.vocabulary import Role
from gateway.api.app import Shell, create_app
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Log
from gateway.feed.digests.routes import digest_routes
from gateway.feed.pulling.desk import Desk
from gateway.feed.pulling.routes import PATH, pull_routes
from gateway.feed.pulling.waiting import Heads
from gateway.feed.reading import Streams
from gateway.feed.subscribing.secrets import Secrets
from gateway.feed.tables import subscriptions
from gateway.identifiers import Identifiers
from gateway.metrics import open_metrics
from gateway.shared.wakeups import OwnWakeups
from tests.access.looks import looks_like
from tests.feed.province import NOW, SEALER, Child, change, children, publish, record, subscribe

ISSUER = "https://jisui.invalid"
OURS, THEIRS = "330000", "440000"  # the institutions of two provinces


@dataclass(frozen=True)
class Door:
    """What a test of pulling needs."""

    database: Database
    clock: VirtualClock
    log: Log
    access: Access
    desk: Desk
    wakeups: OwnWakeups
    new_id: Identifiers
    client: httpx.AsyncClient
    crowd: list[Child]
    tokens: dict[str, str]

    async def subscribe(self, subscription_id: str, institution: str = OURS) -> Secrets:
        """A subscription to everything in 33, with its secrets."""
        return await subscribe(self.database, subscription_id, institution=institution)

    async def happen(self, count: int) -> None:
        """So many published changes of as many children."""
        await record(self.database, [change(child) for child in self.crowd[:count]])
        await publish(self.database)
        await self.wakeups.publish("feed")

    async def pull(
        self,
        path: str = PATH,
        institution: str = OURS,
        more: dict[str, str] | None = None,
        **asked: Any,
    ) -> httpx.Response:
        """The answer to a request for a page."""
        headers = await self.headers(institution) | {"Accept-Encoding": "identity"} | (more or {})
        return await self.client.get(path, params=asked or None, headers=headers)

    async def acknowledge(
        self, number: int, institution: str = OURS, **more: Any
    ) -> httpx.Response:
        """The answer to an acknowledgement."""
        return await self.client.put(
            f"{PATH}/position",
            json={"acknowledged": number, **more},
            headers=await self.headers(institution),
        )

    async def headers(self, institution: str = OURS) -> dict[str, str]:
        """Who asks, for what."""
        if institution not in self.tokens:
            caller = await register_demo_caller(
                self.database,
                self.log,
                self.clock,
                self.new_id,
                role=Role.PROVINCE,
                institution=institution,
                area=institution,
            )
            self.tokens[institution] = caller.client_id
        token = self.access.grant_token(self.tokens[institution]).token
        return {
            "Authorization": f"Bearer {token}",
            "Jisui-Purpose": "supervision",
            "X-Road-Issue": "case-1",
        }

    async def column(self, subscription_id: str, name: str) -> Any:
        """What stands in one column of a subscription."""
        query = select(subscriptions.c[name]).where(
            subscriptions.c.subscription_id == subscription_id
        )
        async with self.database.reading() as connection:
            return (await connection.execute(query)).scalar_one()


@asynccontextmanager
async def open_door(database: Database) -> AsyncIterator[Door]:
    clock = VirtualClock(NOW)
    crowd = await children(database, 30)
    new_id = Identifiers(clock, secrets.token_bytes)
    log = Log("test", clock, new_id)
    signatory = Signatory(signing_key(bytes(range(32))), ISSUER, f"{ISSUER}/v1/token")
    access = Access(
        database,
        log,
        clock,
        new_id,
        signatory,
        load_policy(),
        looks_like(database, log, clock, new_id),
    )
    wakeups = OwnWakeups()
    desk = Desk(
        database=database,
        sealer=SEALER,
        clock=clock,
        log=log,
        access=access,
        streams=Streams(SEALER, load_vocabulary()),
        heads=Heads(database, wakeups),
    )
    app = create_app(
        [pull_routes(desk), digest_routes(desk)], Shell(access, open_metrics(), new_id)
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER, verify=False) as client:
        yield Door(database, clock, log, access, desk, wakeups, new_id, client, crowd, {})
    await desk.heads.close()


def digest_of(content: bytes) -> str:
    """The Content-Digest these bytes should have."""
    return f"sha-256=:{base64.b64encode(sha256(content).digest()).decode()}:"
