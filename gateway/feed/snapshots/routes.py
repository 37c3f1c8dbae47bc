"""The snapshot door: asked for, looked at, and fetched file by file."""

import base64
import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.feed.snapshots.asking import READY
from gateway.feed.snapshots.desk import Desk
from gateway.web.preconditions import entity_tag
from gateway.web.routing import open_router

PATH = "/v1/subscriptions/{subscription_id}/snapshots"
SIGNATURE_HEADER = "Jisui-Signature"
GZIP = "application/gzip"
Id = Annotated[str, Path(max_length=32)]
_MANIFEST = {"content": {"application/json": {}}, "description": "The bytes that are signed."}
_FILE = {"content": {GZIP: {}}, "description": "JSON lines in gzip; one child a line."}


class SnapshotView(BaseModel):
    """A snapshot as it stands; once it is ready, events from `next` on complete it."""

    snapshot_id: str
    subscription: str
    state: str = Field(description="asked, ready")
    asked_at: datetime
    taken_at: datetime | None
    kept_until: datetime
    next: int | None = Field(description="The first number that is not in it.")
    files: int | None = Field(description="How many files; fetch 1 to this number.")


def snapshot_routes(desk: Desk) -> APIRouter:
    """The routes of snapshots."""
    router = open_router("feeds")
    _ask(router, desk)
    _find(router, desk)
    _manifest(router, desk)
    _file(router, desk)
    return router


def _reading(desk: Desk) -> Any:
    return Depends(Admission(desk.access, Operation.FEED_READ))


def _ask(router: APIRouter, desk: Desk) -> None:
    admitted = _reading(desk)

    @router.post(PATH, status_code=202, summary="申请快照 · Ask for a snapshot")
    async def ask(subscription_id: Id, grant: Annotated[Grant, admitted]) -> SnapshotView:
        """One is taken at a time: asking again while it is under way gives the same."""
        return _view(await desk.ask(grant, subscription_id))


def _find(router: APIRouter, desk: Desk) -> None:
    admitted = _reading(desk)

    @router.get(f"{PATH}/{{snapshot_id}}", summary="快照状态 · How a snapshot stands")
    async def find(
        subscription_id: Id, snapshot_id: Id, grant: Annotated[Grant, admitted]
    ) -> SnapshotView:
        """Ask again until it is ready."""
        return _view(await desk.find(grant, subscription_id, snapshot_id))


def _manifest(router: APIRouter, desk: Desk) -> None:
    admitted = _reading(desk)

    @router.get(
        f"{PATH}/{{snapshot_id}}/manifest",
        summary="快照清单 · The signed manifest",
        response_class=Response,
        responses={200: _MANIFEST},
    )
    async def manifest(
        subscription_id: Id, snapshot_id: Id, grant: Annotated[Grant, admitted]
    ) -> Response:
        """The manifest, and in `Jisui-Signature` the Ed25519 signature over its bytes."""
        row = await desk.find(grant, subscription_id, snapshot_id)
        if row.state != READY:
            await desk.access.refuse(grant, "absent")
        headers = {SIGNATURE_HEADER: row.signature}
        return Response(row.manifest, headers=headers, media_type="application/json")


def _file(router: APIRouter, desk: Desk) -> None:
    admitted = _reading(desk)

    @router.get(
        f"{PATH}/{{snapshot_id}}/files/{{place}}",
        summary="快照文件 · One file of a snapshot",
        response_class=Response,
        responses={200: _FILE},
    )
    async def file(
        subscription_id: Id,
        snapshot_id: Id,
        place: Annotated[int, Path(ge=1, le=2**31 - 1)],
        grant: Annotated[Grant, admitted],
    ) -> Response:
        """What broke off is fetched again file by file; each has its hash in the manifest."""
        content = await desk.file(grant, subscription_id, snapshot_id, place)
        digest = sha256(content)
        headers = {
            "ETag": entity_tag(digest.hexdigest()),
            "Content-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        }
        return Response(content, headers=headers, media_type=GZIP)


def _view(row: Row[*tuple[Any, ...]]) -> SnapshotView:
    return SnapshotView(
        snapshot_id=row.snapshot_id,
        subscription=row.subscription_id,
        state=row.state,
        asked_at=row.asked_at,
        taken_at=row.taken_at,
        kept_until=row.kept_until,
        next=row.next_number,
        files=len(json.loads(row.manifest)["files"]) if row.manifest else None,
    )
