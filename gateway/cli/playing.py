"""The demonstration on the screen: played once, or kept up until Ctrl-C."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.alone import alone
from gateway.cli.endings import NOT_SO
from gateway.cli.output import print_result
from gateway.cli.progress import watching
from gateway.demo.children import watched
from gateway.demo.stage import CONFIGURATION, Stage
from gateway.demo.starting import Running, begin, gathered
from gateway.demo.subscriber import Heard

STARTING = "启动 · starting"


@dataclass(frozen=True, slots=True)
class Plan:
    """A demonstration without its folder, and the area of its school's county."""

    stage: Stage
    area: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a demonstration that stays up answers."""

    gateway: int
    systems: Mapping[str, int]


async def play_once(plan: Plan, dump: Path | None, deadline: float, *, as_json: bool) -> int:
    """Play in a folder that is gone afterwards; 0 when every child is settled.

    A subscriber, where there is one, has to have everything as well.
    """
    with TemporaryDirectory(prefix="jisui-") as folder, watching(STARTING) as watch:
        stage = replace(plan.stage, folder=Path(folder))
        async with gathered(stage.folder) as parts:
            from gateway.demo import play, report  # while the processes import theirs

            up = await begin(parts, stage, plan.area)
            played = await play.play_once(up, deadline, watch.update)
            if dump is not None:
                await report.dump(dump, up.systems)
    if as_json:
        print_result(played.result, "", as_json=True)
    else:
        report.show(played.intake)
        if played.heard is not None:
            _show_heard(played.heard)
    return 0 if played.whole else NOT_SO


def _show_heard(heard: Heard) -> None:
    """How much of the feed the subscriber has."""
    sys.stdout.write(f"已推送 · delivered: {heard.number} / {heard.head}\n")


async def stay_up(plan: Plan, folder: Path, ports: Ports, deadline: float, *, fresh: bool) -> int:
    """Play in a folder that stays, show how the list stands, and stay up until told to end."""
    # The lock lies beside the folder, so that what another one uses is never cleared.
    with alone(folder.parent, folder.name):
        stage = replace(plan.stage, folder=_prepare(folder, fresh=fresh))
        async with gathered(stage.folder) as parts:
            from gateway.demo import play, report  # while the processes import theirs

            with watching(STARTING) as watch:
                up = await begin(parts, stage, plan.area, ports.gateway, ports.systems)
                intake = await watched(parts, play.play(up, deadline, watch.update))
            report.show(intake)
            _show_doors(up)
            return await watched(parts, _forever())


def _prepare(folder: Path, *, fresh: bool) -> Path:
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


async def _forever() -> int:
    await asyncio.Event().wait()
    return 0


def _show_doors(up: Running) -> None:
    """Where things are, and what to type next."""
    program = os.path.relpath(Path(sys.executable).with_name("jisui"))
    configuration = os.path.relpath(up.stage.folder / CONFIGURATION)
    school = up.stage.school
    lines = [
        f"接口文档 · API documentation: {up.gateway}/docs",
        *(f"{name}: {url}" for name, url in up.systems.items()),
        f"令牌 · a token: JISUI_CONFIG={configuration} {program} token --school {school}",
        f"日志 · logs: {os.path.relpath(up.stage.folder)}/*.log",
        "按 Ctrl-C 结束，下次继续 · Ctrl-C ends it; the next time it goes on",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
