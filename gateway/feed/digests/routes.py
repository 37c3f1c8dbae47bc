"""The digest door: one hash a school and day, and the way from it to a child that differs."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.feed.client.merkle import Leaf, bucket_hashes, buckets_of, root_of
from gateway.feed.digests.roster import load_roster, number_at
from gateway.feed.pulling.desk import Desk
from gateway.feed.pulling.handing_out import note_asked
from gateway.feed.pulling.refusing import require_readable, trimmed
from gateway.feed.pulling.routes import HIGHEST, PATH, SubscriptionId
from gateway.feed.subscribing.subscription import Subscription
from gateway.feed.trimmed import load_trimmed
from gateway.web.routing import open_router

School = Annotated[str, Query(pattern=r"\A[0-9]{10}\z")]
Through = Annotated[int, Query(ge=0, le=HIGHEST)]
BucketPath = Annotated[str, Query(pattern=r"\A([0-9a-f]{2})?\z")]


class SchoolDigest(BaseModel):
    """What a subscription should hold of a school after the event `through`."""

    subscription: str
    school: str
    on: date
    through: int = Field(description="The last number that counts.")
    count: int
    root: str = Field(description="Root over 256 buckets of children, SHA-256 after RFC 6962.")


class DigestLeaf(BaseModel):
    """A child by the subscription's own name; hashed as `child version status`."""

    child: str
    version: int
    status: str


class DigestNode(BaseModel):
    """The root's 256 buckets, or one bucket's children."""

    path: str
    count: int
    hashes: list[str] = Field(description="The buckets' hashes in order, of the root alone.")
    leaves: list[DigestLeaf] = Field(description="The children, of a bucket alone.")


def digest_routes(desk: Desk) -> APIRouter:
    """The routes of digests."""
    router = open_router("feeds")
    _tell_digest(router, desk)
    _tell_nodes(router, desk)
    return router


def _tell_digest(router: APIRouter, desk: Desk) -> None:
    admitted = Depends(Admission(desk.access, Operation.FEED_READ))

    @router.get(f"{PATH}/digest", summary="每校摘要 · A school's digest on a day")
    async def digest(
        grant: Annotated[Grant, admitted],
        school: School,
        on: date,
        subscription_id: SubscriptionId = "",
    ) -> SchoolDigest:
        """Compute it over what you received up to `through`; where it differs, walk the nodes."""
        ours = await _readable(desk, grant, subscription_id)
        through, roster = await _on(desk, ours, school, on)
        await _note(desk, grant, ours, school, through, "")
        return SchoolDigest(
            subscription=ours.subscription_id,
            school=school,
            on=on,
            through=through,
            count=len(roster),
            root=root_of(bucket_hashes(roster)),
        )


def _tell_nodes(router: APIRouter, desk: Desk) -> None:
    admitted = Depends(Admission(desk.access, Operation.FEED_READ))

    @router.get(f"{PATH}/digest/nodes", summary="摘要节点 · What a digest is made of")
    async def nodes(
        grant: Annotated[Grant, admitted],
        school: School,
        through: Through,
        path: BucketPath = "",
        subscription_id: SubscriptionId = "",
    ) -> DigestNode:
        """Without `path` the hashes of 256 buckets; with a bucket's two digits its children."""
        ours = await _readable(desk, grant, subscription_id)
        require_readable(ours, through)
        async with desk.database.reading() as connection:
            await _require_kept(connection, ours, through)
            mine = (ours.subscription_id, school, through)
            roster = await load_roster(connection, desk.sealer, *mine)
        await _note(desk, grant, ours, school, through, path)
        return _node(roster, path)


async def _readable(desk: Desk, grant: Grant, subscription_id: str) -> Subscription:
    found = await desk.find(grant, subscription_id)
    require_readable(found, 0)
    return found


async def _on(desk: Desk, ours: Subscription, school: str, on: date) -> tuple[int, Sequence[Leaf]]:
    name, now = ours.subscription_id, desk.clock.now()
    async with desk.database.reading() as connection:
        through = await number_at(connection, name, ours.head, on, now)
        await _require_kept(connection, ours, through)
        return through, await load_roster(connection, desk.sealer, name, school, through)


async def _require_kept(connection: AsyncConnection, ours: Subscription, through: int) -> None:
    """Return where it is still known who was where after this number; else raise a problem."""
    last = await load_trimmed(connection, ours.subscription_id)
    if through < last:
        raise trimmed(last)


async def _note(
    desk: Desk, grant: Grant, ours: Subscription, school: str, through: int, path: str
) -> None:
    content = {"school": school, "through": str(through), "path": path}
    entry = grant.entry(Action.FEED_PULLED, "digest", ours.subscription_id, **content)
    async with desk.database.transaction() as connection:
        await note_asked(connection, ours.subscription_id, desk.clock.now())
        await desk.log.append(connection, [entry])


def _node(roster: Sequence[Leaf], path: str) -> DigestNode:
    if not path:
        return DigestNode(path="", count=len(roster), hashes=bucket_hashes(roster), leaves=[])
    found = buckets_of(roster).get(path, [])
    leaves = [
        DigestLeaf(child=child, version=version, status=status) for child, version, status in found
    ]
    return DigestNode(path=path, count=len(found), hashes=[], leaves=leaves)
