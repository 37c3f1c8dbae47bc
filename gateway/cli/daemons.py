"""`jisui serve`, `work`, `simulate`: what runs until it is told to stop."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.endings import run, run_on_store

# The order in which `--ports` names the systems.
SIMULATED = ("preschool", "student_status", "population", "enrolment_platform")


class Dialect(StrEnum):
    """What a simulated population register can speak."""

    NCIIC = "nciic"
    NATIONAL = "national"
    ZHEJIANG = "zhejiang"


def serve() -> None:
    """启动接口服务 · Answer HTTP.

    就绪时输出一行 JSON · One line of JSON says when it is ready.
    """
    from gateway.processes.serving import serve as serve_http
    from gateway.settings import load_settings

    run_on_store(serve_http(load_settings()))


def work() -> None:
    """启动后台办理 · Do what is due.

    就绪时输出一行 JSON · One line of JSON says when it is ready.
    """
    from gateway.processes.working import work as work_on
    from gateway.settings import load_settings

    run_on_store(work_on(load_settings()))


def simulate(
    world: Annotated[Path, typer.Option(help="世界文件夹 · folder of a world")],
    fixed_ports: Annotated[
        bool, typer.Option("--fixed-ports", help="固定端口 8701–8704 · fixed ports")
    ] = False,
    ports: Annotated[
        str,
        typer.Option(
            metavar="P,S,Q[,E]",
            help="端口：学前、中小学、人口库[、招生平台] · ports in the order preschool,"
            " student_status, population[, enrolment_platform]; only these are served",
        ),
    ] = "",
    latency_ms: Annotated[
        float, typer.Option(min=0, help="应答延迟（毫秒）· delay of each answer")
    ] = 0.0,
    dialect: Annotated[
        Dialect, typer.Option(help="人口库的方言 · what the population register speaks")
    ] = Dialect.NCIIC,
) -> None:
    """启动模拟系统，仅限本机 · Simulate a world's systems, on loopback only.

    就绪时输出一行 JSON：各系统地址 · One line of JSON says where each answers.
    """
    if fixed_ports and ports:
        raise typer.BadParameter("--fixed-ports 与 --ports 只能选一 · give one of the two")
    chosen = parse_ports(ports) if ports else None
    from adapters.registry import SYSTEMS
    from gateway.processes.simulating import simulate as serve_world

    if fixed_ports:
        chosen = {system.name: system.port for system in SYSTEMS}
    run(serve_world(world, chosen, latency_ms / 1000, dialect.value))


def parse_ports(text: str) -> dict[str, int]:
    """The ports by system; raise `BadParameter` where they are not three or four different ones."""
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
    valid = len(numbers) == len(parts) and all(0 < number < 65536 for number in numbers)
    if not valid or len(numbers) not in (3, 4) or len(set(numbers)) < len(numbers):
        raise typer.BadParameter(
            "三个或四个不同的端口 · three or four different ports: 9101,9102,9103"
        )
    return dict(zip(SIMULATED, numbers, strict=False))
