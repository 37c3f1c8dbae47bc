"""`jisui demo`, which is `./run`: the main job on your own machine, from list to number."""

import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.world import load as load_world
from gateway.cli.daemons import parse_ports
from gateway.cli.endings import Interrupted, NoEnvironment, run_until_told
from gateway.cli.playing import Plan, Ports, play_once, stay_up
from gateway.demo.children import NotStarted
from gateway.demo.stage import (
    BrokenStage,
    Stage,
    choose_school,
    demo_area,
    kept_folder,
    parse_replacements,
)
from gateway.demo.subscriber import parse_subscriber

HOME = Path(__file__).parents[2]
DEMO_WORLD = HOME / "worlds" / "demo"
DEMO_PORTS = "8701,8702,8703,8704"  # as the registry of systems has them


World = Annotated[
    Path, typer.Option(help="世界文件夹 · folder of a world", show_default="worlds/demo")
]
School = Annotated[
    str | None, typer.Option(help="学校标识码，默认第一份名单 · school code; default: first list")
]
Once = Annotated[bool, typer.Option("--once", help="办完即止 · one run, nothing kept")]
AsJson = Annotated[
    bool, typer.Option("--json", help="与 --once 同用：只输出 JSON · with --once: JSON only")
]
Dump = Annotated[
    Path | None, typer.Option(help="与 --once 同用：另存各系统所存所答 · write what they hold")
]
Timeout = Annotated[float, typer.Option(min=0, help="最长秒数 · seconds in all")]
AutoAccept = Annotated[bool, typer.Option(help="自动确认 · automatic acceptance")]
Replaced = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=URL",
        help="以同协议的系统替换模拟系统 · another server in the place of preschool,"
        " student_status or population",
    ),
]
Licence = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="人口库授权文件 · licence for population"),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="接口端口 · port of the gateway")]
SimulatorPorts = Annotated[
    str, typer.Option(metavar="P,S,Q[,E]", help="模拟系统端口 · ports of the simulators")
]
Store = Annotated[
    Path | None, typer.Option(help="保存位置，默认 var/ 下 · folder to keep it in; default: var/")
]
Subscribe = Annotated[
    str | None,
    typer.Option(metavar="URL", help="推送全部异动到此地址，可为本机 · push every change there"),
]
SubscriberSecret = Annotated[
    str | None,
    typer.Option(metavar="WHSEC", help="推送签名密钥 · secret to sign with: whsec_…"),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="清空重来 · begin anew")]


def demo(
    once: Once = False,
    as_json: AsJson = False,
    world: World = DEMO_WORLD,
    school: School = None,
    dump: Dump = None,
    timeout: Timeout = 600.0,
    auto_accept: AutoAccept = True,
    system: Replaced = None,
    licence: Licence = None,
    port: Port = 8080,
    ports: SimulatorPorts = DEMO_PORTS,
    store: Store = None,
    fresh: Fresh = False,
    subscribe: Subscribe = None,
    subscriber_secret: SubscriberSecret = None,
) -> None:
    """演示：从名单到接续，全在本机 · The main job on your own machine, from list to number.

    按 Ctrl-C 结束，下次继续 · Ctrl-C ends it, the next time it goes on.
    """
    if (as_json or dump is not None) and not once:
        raise typer.BadParameter("--json 和 --dump 须与 --once 同用 · they need --once")
    deadline = time.monotonic() + timeout
    plan = _plan(world, school, auto_accept, system or [], licence, (subscribe, subscriber_secret))
    if once:
        raise SystemExit(_play(play_once(plan, dump, deadline, as_json=as_json)))
    where = Ports(port, parse_ports(ports))
    kept = stay_up(plan, store or _kept(world), where, deadline, fresh=fresh)
    raise SystemExit(_play(kept, interrupted=0))  # Ctrl-C is how it is meant to end


def _play(work: Coroutine[Any, Any, int], interrupted: int | None = None) -> int:
    try:
        return run_until_told(work)
    except Interrupted as ended:
        return ended.code if interrupted is None else interrupted
    except NotStarted as error:
        if error.refused:
            raise
        raise NoEnvironment(str(error)) from None


def _plan(
    world: Path,
    school: str | None,
    auto_accept: bool,
    system: list[str],
    licence: Path | None,
    subscriber: tuple[str | None, str | None],
) -> Plan:
    if not world.is_dir():
        raise BrokenStage(f"没有这个世界文件夹 · no such folder of a world: {world}")
    replaced = parse_replacements(system)
    loaded = load_world(world)
    chosen = choose_school(loaded, school)
    schools = {row["机构标识码"]: row for row in loaded.schools}
    heard = parse_subscriber(*subscriber, schools)
    # Its folder is known when it begins.
    stage = Stage(Path(), world.resolve(), chosen, auto_accept, replaced, licence, heard)
    return Plan(stage, demo_area(schools, chosen))


def _kept(world: Path) -> Path:
    home = HOME if DEMO_WORLD.is_dir() else Path.cwd()
    return kept_folder(home / "var", world, DEMO_WORLD)
