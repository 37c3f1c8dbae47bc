"""`jisui subscriptions aside`: which deliveries were set aside, why, and what waits behind them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.feed.pushing.standing import Aside
    from gateway.settings import Settings


def aside(
    subscription_id: Annotated[str, typer.Argument(help="订阅编号 · id of the subscription")],
    as_json: AsJson = False,
) -> None:
    """搁置的推送：号码、原因、次数、下次重试 · Deliveries set aside: number, reason, next attempt.

    同一儿童其后的事件排在后面 · The same child's later events wait behind. 订阅方可越过确认
    The subscriber may acknowledge past them.
    """
    from gateway.settings import load_settings

    asides = run_on_store(_asides(load_settings(), subscription_id))
    told = [_facts(one) for one in asides]
    text = "\n".join(map(_line, told)) or "没有搁置的推送 · nothing is set aside"
    print_result({"subscription_id": subscription_id, "asides": told}, text, as_json=as_json)


async def _asides(settings: "Settings", subscription_id: str) -> "tuple[Aside, ...]":
    from gateway.feed.pushing.standing import load_asides
    from gateway.feed.subscribing.subscription import load_subscription
    from gateway.wiring.store import open_store

    async with open_store(settings) as database, database.reading() as connection:
        await load_subscription(connection, subscription_id)  # an unknown one is said to be so
        return (await load_asides(connection, [subscription_id])).get(subscription_id, ())


def _facts(one: "Aside") -> dict[str, Any]:
    return {
        "number": one.number,
        "front": one.front,
        "reason": one.reason,
        "attempts": one.attempts,
        "since": one.since.isoformat(timespec="seconds"),
        "next_at": one.next_at.isoformat(timespec="seconds") if one.next_at else None,
        "announced": one.announced_at is not None,
    }


def _line(told: dict[str, Any]) -> str:
    if not told["front"]:
        return f"{told['number']}  等待 waits behind an earlier one of its child"
    again = told["next_at"] or "不再重试 · not tried again"
    tried = f"{told['attempts']} 次 attempts"
    return (
        f"{told['number']}  {told['reason']}  {tried}, 自 since {told['since']}, 下次 next {again}"
    )
