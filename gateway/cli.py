"""The command `jisui`: every door for people at a terminal."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from contracts.errors import JisuiError
from gateway import processes
from gateway.demo import play
from gateway.demo.report import show
from gateway.demo.stage import (
    Stage,
    choose_school,
    fixed_ports,
    forget_own_settings,
    parse_replacements,
)
from gateway.settings import load_settings

DEMO_WORLD = Path(__file__).parent.parent / "worlds" / "demo"
DEMO_STORE = Path("var") / "demo"
FAILED = 2

app = typer.Typer(
    name="jisui",
    help="籍随 Jisui：学籍互通网关 · the student-status interoperability gateway",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)


def main() -> None:
    """Run the command; what we raise on purpose is a sentence and an exit code, not a trace."""
    try:
        app()
    except JisuiError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise SystemExit(FAILED) from None


@app.command()
def serve() -> None:
    """启动接口服务 · Answer HTTP."""
    _run(processes.serve(load_settings()))


@app.command()
def work() -> None:
    """启动后台办理 · Do what is due."""
    _run(processes.work(load_settings()))


@app.command()
def simulate(
    world: Annotated[Path, typer.Option(help="世界文件夹 · folder of a world")],
    fixed: Annotated[bool, typer.Option("--fixed-ports", help="固定端口 · fixed ports")] = False,
    latency_ms: Annotated[float, typer.Option(help="应答延迟 · delay of each answer")] = 0.0,
) -> None:
    """启动模拟系统 · Simulate the systems from a world's files."""
    ports = fixed_ports() if fixed else {}
    _run(processes.simulate(world, ports, latency_ms / 1000))


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="办完即止 · one run in a temporary store")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON · print JSON only")] = False,
    world: Annotated[Path, typer.Option(help="世界文件夹 · folder of a world")] = DEMO_WORLD,
    school: Annotated[str | None, typer.Option(help="学校标识码 · school code")] = None,
    dump: Annotated[Path | None, typer.Option(help="另存各系统所存 · write what they hold")] = None,
    timeout: Annotated[float, typer.Option(help="最长秒数 · seconds to wait")] = 600.0,
    auto_accept: Annotated[bool, typer.Option(help="自动确认 · automatic acceptance")] = True,
    system: Annotated[list[str] | None, typer.Option(help="NAME=URL")] = None,
    port: Annotated[int, typer.Option(help="接口端口 · port of the gateway")] = 8080,
    fresh: Annotated[bool, typer.Option(help="清空重来 · begin anew")] = False,
) -> None:
    """演示：从名单到接续 · the main job on your own machine, from list to number."""
    forget_own_settings()
    replaced = parse_replacements(system or [])
    chosen = choose_school(world, school)
    if once:
        with tempfile.TemporaryDirectory(prefix="jisui-") as folder:
            stage = Stage(Path(folder), world, chosen, auto_accept, replaced)
            raise SystemExit(_once(stage, dump, timeout, as_json=as_json))
    if fresh:
        shutil.rmtree(DEMO_STORE, ignore_errors=True)
    DEMO_STORE.mkdir(parents=True, exist_ok=True)
    _run(_stay_up(Stage(DEMO_STORE.resolve(), world, chosen, auto_accept, replaced), port, timeout))


def _once(stage: Stage, dump: Path | None, timeout: float, *, as_json: bool) -> int:
    with _progress() as watch:
        result, settled = _run(play.play_once(stage, dump, timeout, watch.update))
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        for situation, count in sorted(result["counts"].items()):
            typer.echo(f"{count:6}  {situation}")
    return 0 if settled else 1


async def _stay_up(stage: Stage, port: int, timeout: float) -> None:
    stop = processes.stop_signal()
    async with play.running(stage, port, fixed_ports=True) as up:
        intake_id = await play.hand_in(up)
        with _progress() as watch:
            intake = await play.follow(up, intake_id, timeout, watch.update)
        show(Console(), intake, up.gateway)
        Console().print("按 Ctrl-C 结束 · Ctrl-C ends it")
        await stop.wait()


class _Watch:
    """A bar on standard error: how many of the children are settled."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("办理 · carrying", total=None)

    def update(self, intake: Any) -> None:
        """Show how an intake stands."""
        moving = ("searching", "accepted")
        done = sum(row["count"] for row in intake["situations"] if row["state"] not in moving)
        self._progress.update(self._task, total=intake["rows"], completed=done)


class _progress:
    def __enter__(self) -> _Watch:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        self._bar = Progress(*columns, console=errors, transient=True)
        self._bar.start()
        return _Watch(self._bar)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


if __name__ == "__main__":
    main()
