"""`jisui follow`: a subscription's events as they come, one JSON object a line."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import JisuiError
from gateway.cli.endings import NOT_SO, NoEnvironment, run_until_told

if TYPE_CHECKING:
    from gateway.feed.client.inbox import Inbox

PATIENCE = 5


class NotFollowed(JisuiError):
    """The gateway refused, in its own words."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    url: str
    subscription: str
    token: str = field(repr=False)
    token_file: Path | None
    case: str
    keys: tuple[str, ...] = field(repr=False)
    once: bool
    acknowledge: bool

    async def headers(self) -> Mapping[str, str]:
        """Who asks and for what; a token file is read each time, as tokens are short-lived."""
        token = self.token_file.read_text("ascii").strip() if self.token_file else self.token
        return {
            "Authorization": f"Bearer {token}",
            "Jisui-Purpose": "supervision",
            "X-Road-Issue": self.case,
            "Accept-Encoding": "gzip",
        }


def follow(
    subscription: Annotated[str, typer.Option(help="订阅编号 · the subscription")],
    url: Annotated[str, typer.Option(help="网关地址 · the gateway")] = "http://127.0.0.1:8080",
    after: Annotated[int, typer.Option(min=0, help="从此号之后 · events after this number")] = 0,
    state: Annotated[
        Path | None, typer.Option(help="位置文件，续传用 · file to resume from; --after is for new")
    ] = None,
    token: Annotated[str, typer.Option(help="令牌 · bearer token; visible to others")] = "",
    token_file: Annotated[
        Path | None, typer.Option(help="令牌文件，每次重读 · file with the token, read each time")
    ] = None,
    secret: Annotated[
        list[str] | None, typer.Option(help="whsec_… 或 whpk_…，验签 · verify pages under this key")
    ] = None,
    case: Annotated[str, typer.Option(help="案号 · case")] = "FOLLOW",
    once: Annotated[bool, typer.Option("--once", help="到最新为止 · end at the head")] = False,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="确认已收 · acknowledge what is received")
    ] = False,
) -> None:
    """逐行输出学籍变动 · Print status changes, one JSON object a line, each once and in order.

    签名不符或号码有缺退出码为 1，被拒绝为 2，连不上为 3 · Exit 1 where a page is forged or has a
    hole, 2 where the gateway refuses, 3 where it cannot be reached.
    """
    wanted = _Wanted(
        url, subscription, token, token_file, case, tuple(secret or ()), once, acknowledge
    )
    run_until_told(_follow(wanted, str(state or ":memory:"), after))


async def _follow(wanted: _Wanted, file: str, after: int) -> None:
    from gateway.feed.client.inbox import Contradiction, Inbox
    from gateway.feed.client.pages import Refused, Unheard
    from gateway.feed.client.signatures import Forged

    inbox = Inbox(file, start=after)
    try:
        await _print(wanted, inbox)
    except (Forged, Contradiction) as error:
        sys.stderr.write(f"不可信 · not to be believed: {error}\n")
        raise SystemExit(NOT_SO) from None
    except Refused as error:
        raise NotFollowed(str(error)) from None
    except Unheard as error:
        raise NoEnvironment(f"连不上网关 · the gateway cannot be reached: {error}") from None
    except OSError as error:
        raise NoEnvironment(f"文件不可读 · a file cannot be read: {type(error).__name__}") from None
    finally:
        inbox.close()


async def _print(wanted: _Wanted, inbox: "Inbox") -> None:
    import httpx2 as httpx

    from gateway.feed.client.following import follow as events_of
    from gateway.feed.client.pages import Gateway

    async with httpx.AsyncClient(base_url=wanted.url, timeout=70.0, trust_env=False) as client:
        gateway = Gateway(client, wanted.subscription, wanted.headers, wanted.keys)
        events = events_of(
            gateway,
            inbox,
            once=wanted.once,
            patience=PATIENCE if wanted.once else None,
            acknowledge=wanted.acknowledge,
        )
        async for event in events:
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stdout.flush()
