"""The pull door: pages of a subscription's stream, and the position it has acknowledged."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.feed.pulling.acknowledging import Position, Refused
from gateway.feed.pulling.desk import Desk, Told, Wanted
from gateway.feed.pulling.page import MEDIA_TYPE
from gateway.feed.pulling.refusing import refused, require_readable
from gateway.feed.subscribing.subscription import Subscription
from gateway.web.routing import open_router

PATH = "/v1/feeds/status-changes"
LIMIT, LONGEST_SECONDS = 1000, 60
_WEIGHT = re.compile(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*")
HIGHEST = 2**53 - 1  # what every JSON reader can tell apart
SubscriptionId = Annotated[str, Query(alias="subscription", max_length=32)]
_HEADERS = {
    "Jisui-Feed-Head": "序列最后一号 · The last number of the stream.",
    "Jisui-Feed-Last": "本页最后一号 · The last number of this page.",
    "Jisui-Feed-Acknowledged": "已确认到 · Up to where you acknowledged.",
    "Jisui-Evidence-Size": "证据条数 · How many entries the evidence log has.",
    "Jisui-Evidence-Root": "证据根哈希 · Its root.",
    "Content-Digest": "所发内容的摘要 · Digest of the content as sent (RFC 9530).",
    "ETag": "强标签 · Strong tag of the content.",
    "Link": "下一页 · The next page (rel=next).",
    "webhook-signature": "签名 · Signature over id, timestamp and events (Standard Webhooks).",
}
_PAGE = {
    "description": "CloudEvents JSON 批 · A CloudEvents JSON batch, the same bytes each time.",
    "content": {MEDIA_TYPE: {"schema": {"type": "array", "items": {"type": "object"}}}},
    "headers": {
        name: {"description": said, "schema": {"type": "string"}} for name, said in _HEADERS.items()
    },
}


class Acknowledgement(BaseModel):
    """Up to where a subscriber has everything; `replay` lets it go back."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    acknowledged: Annotated[int, Field(strict=True, ge=0, le=HIGHEST)]
    replay: bool = False


class FeedPosition(BaseModel):
    """Where a subscriber is in its stream."""

    subscription: str
    acknowledged: int
    handed_out: int = Field(description="Up to where everything was handed out.")
    head: int = Field(description="The last number of the stream.")
    asked_at: datetime | None = Field(description="When it last asked for events.")


def pull_routes(desk: Desk) -> APIRouter:
    """The routes of pulling."""
    router = open_router("feeds")
    _pages(router, desk)
    _positions(router, desk)
    return router


def _pages(router: APIRouter, desk: Desk) -> None:
    admitted = Depends(Admission(desk.access, Operation.FEED_READ))

    @router.get(
        PATH,
        summary="学籍变动 · Status changes after a number",
        response_class=Response,
        responses={200: _PAGE, 304: {"description": "没有变化 · As you know it."}},
    )
    async def page(
        grant: Annotated[Grant, admitted],
        subscription_id: SubscriptionId = "",
        after: Annotated[int, Query(ge=0, le=HIGHEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=LIMIT)] = LIMIT,
        wait: Annotated[float, Query(ge=0, le=LONGEST_SECONDS)] = 0,
        if_none_match: Annotated[str, Header()] = "",
        accept_encoding: Annotated[str, Header()] = "",
    ) -> Response:
        """The events `after` + 1 on; with `wait` as soon as there are any, within so many seconds.

        The body is the events alone, byte for byte the same on every re-read; all else is said in
        headers. An empty page is the heartbeat: it tells the head.
        """
        subscription = await desk.find(grant, subscription_id)
        require_readable(subscription, after)
        wanted = Wanted(after, limit, wait, _takes_gzip(accept_encoding))
        told = await desk.tell(grant, subscription, wanted)
        return _answer(subscription, told, limit, if_none_match)


def _positions(router: APIRouter, desk: Desk) -> None:
    reading = Depends(Admission(desk.access, Operation.FEED_READ))
    acknowledging = Depends(Admission(desk.access, Operation.FEED_ACKNOWLEDGE))

    @router.get(f"{PATH}/position", summary="取数位置 · Where a subscriber is")
    async def position(
        grant: Annotated[Grant, reading], subscription_id: SubscriptionId = ""
    ) -> FeedPosition:
        """What is acknowledged, handed out and there."""
        subscription = await desk.find(grant, subscription_id)
        return _view(subscription, await desk.position(subscription))

    @router.put(f"{PATH}/position", summary="确认 · Acknowledge")
    async def acknowledge(
        grant: Annotated[Grant, acknowledging],
        body: Acknowledgement,
        subscription_id: SubscriptionId = "",
    ) -> FeedPosition:
        """You have everything up to here; what skips an event or goes back is refused (409)."""
        subscription = await desk.find(grant, subscription_id)
        try:
            moved = await desk.acknowledge(
                grant, subscription, body.acknowledged, replay=body.replay
            )
        except Refused as refusal:
            raise refused(refusal) from None
        return _view(subscription, moved)


def _answer(subscription: Subscription, told: Told, limit: int, if_none_match: str) -> Response:
    ours = subscription.subscription_id
    size, root = told.evidence
    following = f"{PATH}?subscription={ours}&after={told.page.last}&limit={limit}"
    headers = {
        "Jisui-Feed-Head": str(told.page.head),
        "Jisui-Feed-Last": str(told.page.last),
        "Jisui-Feed-Acknowledged": str(told.acknowledged),
        "Jisui-Evidence-Size": str(size),
        "Jisui-Evidence-Root": root,
        "ETag": told.encoded.tag,
        "Link": f'<{following}>; rel="next"',
        "Vary": "Accept-Encoding",
        **told.signature,
    }
    if told.encoded.tag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    headers["Content-Digest"] = told.encoded.digest
    if told.encoded.coding:
        headers["Content-Encoding"] = told.encoded.coding
    return Response(told.encoded.content, headers=headers, media_type=MEDIA_TYPE)


def _view(subscription: Subscription, position: Position) -> FeedPosition:
    return FeedPosition(
        subscription=subscription.subscription_id,
        acknowledged=position.acknowledged,
        handed_out=position.handed_out,
        head=position.head,
        asked_at=subscription.asked_at,
    )


def _takes_gzip(accept_encoding: str) -> bool:
    for coding in accept_encoding.split(","):
        name, _, weight = coding.partition(";")
        if name.strip().lower() == "gzip":
            told = _WEIGHT.fullmatch(weight)
            return float(told[1]) > 0 if told else not weight.strip()
    return False
