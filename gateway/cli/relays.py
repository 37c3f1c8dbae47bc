"""`jisui subscriptions relay`: a subscription's stream, laid into an engine as it grows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import NoEnvironment, run_until_told

if TYPE_CHECKING:
    from gateway.settings import Settings


def relay(
    subscription_id: Annotated[str, typer.Argument(help="订阅编号 · id of the subscription")],
    to_file: Annotated[
        Path,
        typer.Option(
            help="写有引擎地址的文件 · file with the engine's address: redis://…, nats://…, kafka://…"
        ),
    ],
    once: Annotated[bool, typer.Option("--once", help="到最新为止 · end at the head")] = False,
) -> None:
    """把事件续入已有的 Redis Streams、NATS JetStream 或 Kafka · Relay into an engine you run.

    中断后从引擎已有之处续传，不漏不重 · After a break it goes on where the engine is: nothing is
    lost or told twice. 引擎不可用退出码为 3（--once）· Exit 3 where it is away, with --once.
    """
    from gateway.settings import load_settings

    try:
        address = to_file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise NoEnvironment(f"地址文件不可读 · the file cannot be read: {kind}") from None
    run_until_told(_relay(load_settings(), subscription_id, address, once))


async def _relay(settings: "Settings", subscription_id: str, address: str, once: bool) -> None:
    from gateway.cli.operator import operator
    from gateway.feed.relays.engine import EngineAway
    from gateway.wiring.ground import open_ground
    from gateway.wiring.relaying import open_relay

    async with (
        open_ground(settings) as ground,
        open_relay(ground, address, operator()) as relaying,
    ):
        if not once:
            return await relaying.follow(subscription_id)
        try:
            while await relaying.step(subscription_id):
                pass
        except EngineAway as away:
            raise NoEnvironment(f"引擎不可用 · the engine is away: {away}") from None
        return None
