"""`jisui subscriptions`: granted, shown, steered and stopped by an operator."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from contracts.events import Stage
from gateway.cli.asides import aside
from gateway.cli.endings import REFUSED, run_on_store
from gateway.cli.operator import operator
from gateway.cli.output import AsJson, print_result
from gateway.cli.relays import relay
from gateway.cli.snapshots import snapshot
from gateway.cli.subscription_texts import facts, foreseen_text, line, page, terms_of
from gateway.feed.subscribing.terms import Mode

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.feed.subscribing.steering import Choice
    from gateway.wiring.ground import Ground

T = TypeVar("T")
Step = Callable[["Ground", "AsyncConnection"], Awaitable[T]]

commands = typer.Typer(help="订阅 · subscriptions", no_args_is_help=True)
commands.command()(snapshot)
commands.command()(relay)
commands.command()(aside)

Id = Annotated[str, typer.Argument(help="订阅编号 · id of the subscription")]
Areas = Annotated[list[str], typer.Option(help="行政区划前缀，可多次 · area prefix, repeatable")]
Events = Annotated[list[str], typer.Option(help="异动类别；不给为全部 · events; default: all")]
Stages = Annotated[list[Stage], typer.Option(help="学段 · stages; default: both")]
Fields = Annotated[str, typer.Option(help="字段策略 · field policy")]
Approval = Annotated[str, typer.Option(help="批准文号 · approval; needed beyond thin")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask")]


@commands.command()
def add(
    name: Annotated[str, typer.Option(help="名称 · name")],
    area: Areas,
    events: Events = [],  # noqa: B006 - read, never changed
    stages: Stages = list(Stage),  # noqa: B006
    fields: Fields = "thin",
    approval: Approval = "",
    institution: Annotated[
        str, typer.Option(help="订阅机构代码 · whose it is; default: of the first area")
    ] = "",
    mode: Annotated[Mode, typer.Option(help="推送或拉取 · push, pull or both")] = Mode.PULL,
    url: Annotated[str, typer.Option(help="推送地址 · where to push")] = "",
    batch: Annotated[int, typer.Option(help="每批条数 · events a delivery")] = 1,
    allow_network: Annotated[
        list[str],
        typer.Option(help="允许的网段 CIDR · network it may be in"),
    ] = [],  # noqa: B006 - read, never changed
    as_json: AsJson = False,
) -> None:
    """授予订阅，密钥只显示这一次 · Grant a subscription; its secret is shown this once."""
    from gateway.feed.subscribing.wanted import Wanted
    from gateway.wiring.subscriptions import wire_granting

    terms = terms_of(area, list(stages), events, fields, approval)
    whose = institution or terms.areas[0].ljust(6, "0")
    wanted = Wanted(name, whose, terms, mode, batch, url, tuple(allow_network))

    async def grant(ground: "Ground", connection: "AsyncConnection") -> dict[str, Any]:
        granted, secrets = await wire_granting(ground).grant(connection, wanted, operator())
        given = {"secret": secrets.hmac[0], "public_key": secrets.public_key}
        return facts(granted) | given

    granted = _run(grant)
    print_result(granted, page(granted), as_json=as_json)


@commands.command("list")
def listed(as_json: AsJson = False) -> None:
    """全部订阅 · All subscriptions."""
    from gateway.feed.subscribing.subscription import load_subscriptions

    async def load(_: "Ground", connection: "AsyncConnection") -> list[dict[str, Any]]:
        return [facts(found) for found in await load_subscriptions(connection)]

    found = _run(load)
    print_result({"subscriptions": found}, "\n".join(map(line, found)) or "-", as_json=as_json)


@commands.command()
def show(subscription_id: Id, as_json: AsJson = False) -> None:
    """一项订阅，含积压与公钥，不含密钥 · One, with what waits and its public key; no secret."""
    from gateway.feed.subscribing.consequences import foresee
    from gateway.feed.subscribing.secrets import load_kept_secrets
    from gateway.feed.subscribing.subscription import load_subscription

    async def load(ground: "Ground", connection: "AsyncConnection") -> dict[str, Any]:
        found = await load_subscription(connection, subscription_id)
        secrets = await load_kept_secrets(connection, found, ground.sealer)
        foreseen = await foresee(connection, found)
        counted = {"waiting": foreseen.waiting, "waiting_children": foreseen.children}
        return facts(found) | counted | {"public_key": secrets.public_key}

    found = _run(load)
    print_result(found, page(found), as_json=as_json)


@commands.command()
def suspend(
    subscription_id: Id,
    reason: Annotated[str, typer.Option(help="原因，勿写个人信息 · why; no names")] = "",
    as_json: AsJson = False,
) -> None:
    """暂停投递，事件照常保留 · Deliver nothing; every event is kept."""
    from gateway.masking import mask

    _steer("suspended", "suspend", subscription_id, mask(reason), as_json=as_json)


@commands.command()
def resume(
    subscription_id: Id,
    replay_all: Annotated[bool, typer.Option(help="全部补发 · deliver all")] = False,
    latest_per_child: Annotated[
        bool, typer.Option(help="每名儿童只发最新一条 · the latest of each child")
    ] = False,
    jump: Annotated[bool, typer.Option(help="跳到最新 · go on from the head")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """恢复投递：三选一，先显示后果 · Deliver again, one way of three, consequences first.

    Exit 2 where nothing was chosen or nobody said yes.
    """
    from gateway.feed.subscribing.consequences import foresee
    from gateway.feed.subscribing.subscription import load_subscription

    async def look(_: "Ground", connection: "AsyncConnection") -> str:
        found = await load_subscription(connection, subscription_id)
        return foreseen_text(await foresee(connection, found))

    choice = _choice(replay_all, latest_per_child, jump)
    if not (_agreed(_run(look), yes) and choice):
        raise SystemExit(REFUSED)
    foreseen = _run(_step("resume", subscription_id, choice))
    told = {"resumed": choice.value, "waiting": foreseen.waiting, "children": foreseen.children}
    print_result(told, f"已恢复 · resumed: {choice.value}", as_json=as_json)


@commands.command()
def stop(subscription_id: Id, yes: Yes = False, as_json: AsJson = False) -> None:
    """终止订阅，不可恢复 · End it for good."""
    if not _agreed("终止后不能恢复 · it cannot be taken up again", yes):
        raise SystemExit(REFUSED)
    _steer("stopped", "stop", subscription_id, as_json=as_json)


@commands.command()
def change(
    subscription_id: Id,
    area: Areas = [],  # noqa: B006 - read, never changed
    events: Events = [],  # noqa: B006
    stages: Stages = [],  # noqa: B006
    fields: Fields = "",
    approval: Approval = "",
    as_json: AsJson = False,
) -> None:
    """改变范围：新覆盖的补发，不再覆盖的撤回 · Other terms: filled and withdrawn as they differ.

    未给出的不变；--events all 为全部 · What is not given stays; `all` for all events.
    """
    from gateway.feed.subscribing.subscription import load_subscription
    from gateway.wiring.subscriptions import wire_steering

    async def order(ground: "Ground", connection: "AsyncConnection") -> str:
        old = (await load_subscription(connection, subscription_id)).terms
        terms = terms_of(
            area or list(old.areas),
            list(stages) or [Stage(stage) for stage in old.stages],
            events or list(old.events),
            fields or old.field_policy,
            approval or old.approval,
        )
        steering = wire_steering(ground)
        return await steering.change(connection, subscription_id, terms, operator())

    order_id = _run(order)
    print_result({"order": order_id}, f"已下达 · ordered: {order_id}", as_json=as_json)


@commands.command()
def replay(
    subscription_id: Id,
    first: Annotated[int, typer.Option("--from", min=1, help="从 · first number")],
    last: Annotated[int, typer.Option("--to", min=1, help="到 · last number")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """重发一段，标明为重发 · Deliver a range once more, marked as a replay; its size first."""
    size = max(0, last - first + 1)
    if not _agreed(f"将重发 {size} 条 · events to be delivered again: {size}", yes):
        raise SystemExit(REFUSED)
    replay_id = _run(_step("replay", subscription_id, first, last))
    told = {"replay": replay_id, "events": size}
    print_result(told, f"已下达 · ordered: {replay_id}", as_json=as_json)


@commands.command()
def rotate(
    subscription_id: Id,
    overlap_hours: Annotated[
        float, typer.Option(min=0, help="新旧并用小时数 · hours both hold")
    ] = 168.0,
    signing_key: Annotated[
        bool, typer.Option("--signing-key", help="换 Ed25519 密钥 · the Ed25519 key instead")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """更换密钥，新密钥只显示这一次 · A new secret, shown this once; the old one holds a while.

    换 Ed25519 密钥时显示新公钥 · Of the Ed25519 key, the new public key is shown.
    """
    overlap = timedelta(hours=overlap_hours)
    which = "rotate_key" if signing_key else "rotate"
    secrets, until = _run(_step(which, subscription_id, overlap))
    shown = {"public_key": secrets.public_key} if signing_key else {"secret": secrets.hmac[0]}
    told = {**shown, "overlap_until": until.isoformat(timespec="seconds")}
    print_result(told, page(told), as_json=as_json)


def _choice(replay_all: bool, latest_per_child: bool, jump: bool) -> "Choice | None":
    from gateway.feed.subscribing.steering import Choice

    chosen = dict(zip(Choice, (replay_all, latest_per_child, jump), strict=True))
    named = [choice for choice, wanted in chosen.items() if wanted]
    return named[0] if len(named) == 1 else None


def _agreed(words: str, yes: bool) -> bool:
    """Whether whoever sits at the terminal says yes to these words; without one, nobody does."""
    sys.stderr.write(f"{words}\n")
    if yes:
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("请加 --yes · say --yes\n")
        return False
    return typer.confirm("继续 · go on?", default=False, err=True)


def _steer(done: str, step: str, subscription_id: str, *arguments: str, as_json: bool) -> None:
    _run(_step(step, subscription_id, *arguments))
    told: Mapping[str, Any] = {"subscription_id": subscription_id, "state": done}
    print_result(told, f"{subscription_id} {done}", as_json=as_json)


def _step(name: str, subscription_id: str, *arguments: Any) -> Step[Any]:
    from gateway.wiring.subscriptions import wire_steering

    async def step(ground: "Ground", connection: "AsyncConnection") -> Any:
        taken = getattr(wire_steering(ground), name)
        return await taken(connection, subscription_id, *arguments, operator())

    return step


def _run(step: Step[T]) -> T:
    from gateway.settings import load_settings
    from gateway.shared.wakeups import WORK
    from gateway.wiring.ground import open_ground

    async def on_ground() -> T:
        async with open_ground(load_settings()) as ground:
            async with ground.database.transaction() as connection:
                came = await step(ground, connection)
            await ground.wakeups.publish(WORK)  # what was ordered is carried out at once
            return came

    return run_on_store(on_ground())
