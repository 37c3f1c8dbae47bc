"""`jisui lanes`: how the lanes to the systems stand; an operator stops one, and opens it again."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.errors import JisuiError
from gateway.cli.endings import NOT_SO, REFUSED, run_on_store
from gateway.cli.operator import operator
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.wiring.queues import Queue

commands = typer.Typer(help="通道 · the lanes to the systems", invoke_without_command=True)

System = Annotated[str, typer.Argument(help="系统 · the system")]
STATES = {"open": "开放 open", "waiting": "等待 waiting", "stopped": "停止 stopped"}


class NoSuchSystem(JisuiError):
    """There is no lane to a system of this name."""


@commands.callback()
def every(context: typer.Context, as_json: AsJson = False) -> None:
    """各通道的状态 · How each lane stands."""
    if context.invoked_subcommand is None:
        listed(as_json)


@commands.command("list")
def listed(as_json: AsJson = False) -> None:
    """状态、配额、排队、熔断、并发、下次开放 · State, quota, queue, rests, places, next opening."""
    from gateway.settings import load_settings

    lanes = run_on_store(_told(load_settings()))
    text = "\n".join(_line(system, facts) for system, facts in lanes.items())
    print_result(lanes, text, as_json=as_json)


@commands.command()
def stop(
    system: System,
    reason: Annotated[str, typer.Option("--reason", help="停止原因，勿写个人信息 · why; no names")],
    as_json: AsJson = False,
) -> None:
    """停止通道：一秒内各进程不再发送 · Let nothing leave to a system, from within a second on.

    已排队的不发，已发出的等回执 · What is queued waits, what has left is waited for.
    Exit 1 where it is stopped already.
    """
    from gateway.settings import load_settings

    stopped = run_on_store(_stop(load_settings(), system, reason))
    print_result({"stopped": stopped}, "已停止 · stopped" if stopped else "-", as_json=as_json)
    if not stopped:
        raise SystemExit(NOT_SO)


@commands.command()
def resume(
    system: System,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """重新开放停下的通道，先显示将发送多少 · Open a stopped lane, having shown what it will send.

    先查明授权、地址或欠费；没有停下时退出码为 1 · Look into licence, address and billing first;
    exit 1 where the lane does not wait for an operator, 2 where nobody said yes.
    """
    from gateway.settings import load_settings

    settings = load_settings()
    queue = run_on_store(_waiting(settings, system))
    if queue is not None and not (yes or _agreed(system, queue)):
        raise SystemExit(REFUSED)
    resumed = queue is not None and run_on_store(_resume(settings, system))
    facts = {"resumed": resumed, "calls_to_send": queue.calls if queue else 0}
    print_result(facts, "已开放 · open" if resumed else "-", as_json=as_json)
    if not resumed:
        raise SystemExit(NOT_SO)


def _agreed(system: str, queue: "Queue") -> bool:
    """Whether whoever sits at the terminal says yes; without one, nobody does."""
    words = f"{system}: 排队 {queue.items} 项，将发送约 {queue.calls} 次 · about so many calls"
    sys.stderr.write(f"{words}\n")
    if not sys.stdin.isatty():
        sys.stderr.write("请加 --yes · say --yes\n")
        return False
    return typer.confirm("开放 · open?", default=False, err=True)


def _line(system: str, facts: Mapping[str, Any]) -> str:
    named = {
        "until": facts["until"],
        "下次开放 opens": facts["next_opening"],
        "排队 queued": facts["queued"],
        "待发 calls": facts["calls_to_send"],
        "在途 under way": f"{facts['under_way']}/{facts['at_once']}",
        **{f"配额 {window} left": left for window, left in facts["quota_left"].items()},
        **{f"熔断 {name}": rest["until"] for name, rest in facts["resting"].items()},
    }
    said = [f"{name} {value}" for name, value in named.items() if value is not None]
    state = " ".join(word for word in (STATES[facts["state"]], facts["reason"]) if word)
    return f"{system}  {state}  " + " · ".join(said)


async def _told(settings: "Settings") -> dict[str, dict[str, object]]:
    from gateway.wiring.ground import open_ground
    from gateway.wiring.lanes import tell_lanes

    async with open_ground(settings) as ground:
        return await tell_lanes(ground)


async def _stop(settings: "Settings", system: str, reason: str) -> bool:
    from gateway.masking import mask
    from gateway.wiring.ground import open_ground

    _require(settings, system)
    async with open_ground(settings) as ground, ground.database.transaction() as connection:
        return await ground.calls.stop(connection, system, operator(), mask(reason))


async def _waiting(settings: "Settings", system: str) -> "Queue | None":
    """What waits behind a stopped lane; None where the lane is not stopped."""
    from gateway.calls.lanes import WHOLE
    from gateway.wiring.ground import open_ground
    from gateway.wiring.queues import load_queues

    _require(settings, system)
    async with open_ground(settings) as ground, ground.database.reading() as connection:
        standing = await ground.calls.lane(connection, system)
        stopped = standing.lane(WHOLE, ground.clock.now()).stopped
        return (await load_queues(connection, settings))[system] if stopped else None


async def _resume(settings: "Settings", system: str) -> bool:
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground, ground.database.transaction() as connection:
        return await ground.calls.resume(connection, system, operator())


def _require(settings: "Settings", system: str) -> None:
    known = settings.systems.named()
    if system not in known:
        names = ", ".join(sorted(known))
        raise NoSuchSystem(f"没有这个系统 · no such system: {system} (there are: {names})")
