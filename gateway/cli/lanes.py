"""`jisui lanes`: how the lanes to the systems stand, and an operator's word that opens one."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.calls.lanes import Lane
    from gateway.settings import Settings

commands = typer.Typer(help="通道 · the lanes to the systems", no_args_is_help=True)


@commands.command("list")
def listed(as_json: AsJson = False) -> None:
    """各通道的状态 · How each lane stands."""
    from gateway.settings import load_settings

    lanes = run_on_store(_lanes(load_settings()))
    facts = {
        lane.system: {"state": "closed" if lane.closed else "open", "reason": lane.reason}
        for lane in lanes
    }
    lines = [f"{name}  {' '.join(stands.values())}".rstrip() for name, stands in facts.items()]
    print_result(facts, "\n".join(lines), as_json=as_json)


@commands.command()
def resume(
    system: Annotated[str, typer.Argument(help="系统 · the system")], as_json: AsJson = False
) -> None:
    """重新开放因授权问题停下的通道 · Open a lane that stopped over our entitlement.

    先查明授权、地址或欠费；没有停下时退出码为 1 · Look into licence, address and billing first;
    exit 1 where the lane does not wait for an operator.
    """
    from gateway.settings import load_settings

    resumed = run_on_store(_resume(load_settings(), system))
    print_result({"resumed": resumed}, "已开放 · open" if resumed else "-", as_json=as_json)
    if not resumed:
        raise SystemExit(NOT_SO)


async def _lanes(settings: "Settings") -> "list[Lane]":
    from gateway.calls.lanes import load_lane
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground, ground.database.reading() as connection:
        systems = sorted(settings.systems.named())
        return [await load_lane(connection, system, ground.clock.now()) for system in systems]


async def _resume(settings: "Settings", system: str) -> bool:
    from gateway.evidence import Actor
    from gateway.wiring.ground import open_ground

    actor = Actor(caller="jisui", user=getpass.getuser(), role="operator", institution="")
    async with open_ground(settings) as ground, ground.database.transaction() as connection:
        return await ground.calls.resume(connection, system, actor)
