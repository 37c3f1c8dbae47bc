"""`jisui intake` and `jisui token`: a school's list handed to a running gateway."""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.errors import JisuiError
from gateway.access.vocabulary import Role
from gateway.cli.endings import NOT_SO, NoEnvironment, run_on_store, run_until_told
from gateway.cli.output import AsJson, print_result
from gateway.cli.progress import Watch, watching

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.wiring.ground import Ground

School = Annotated[str, typer.Option(help="学校标识码，10 位 · school code, 10 digits")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="接续名单 · xlsx, csv or json")
]
Gateway = Annotated[str, typer.Option(help="网关地址 · address of the gateway")]
Token = Annotated[
    str, typer.Option(help="令牌 · bearer token; 其他用户可在进程列表看到 · visible to others")
]
TokenFile = Annotated[
    Path | None, typer.Option(help="令牌文件，- 为标准输入 · file with the token; - is stdin")
]
Follow = Annotated[bool, typer.Option("--follow", help="等到办结 · wait until settled")]
POLL_SECONDS = 0.5


def intake(
    file: File,
    school: School,
    gateway: Gateway = "http://127.0.0.1:8080",
    token: Token = "",
    token_file: TokenFile = None,
    case: Annotated[str, typer.Option(help="案号 · case")] = "",
    user: Annotated[str, typer.Option(help="经办人 · X-Road-UserId")] = "",
    follow: Follow = False,
    timeout: Annotated[float, typer.Option(min=0, help="最长秒数 · seconds to wait")] = 600.0,
    as_json: AsJson = False,
) -> None:
    """提交接续名单 · Hand a list in.

    与 --follow 同用时，未办结退出码为 1 · With --follow: exit 1 when not settled in time.
    """
    from gateway.demo.clerk import Unanswered
    from gateway.demo.report import show

    desk = _Desk(gateway, token or read_token(token_file), case or f"INTAKE-{school}", user)
    try:
        with watching("提交 · handing in") as watch:
            view = run_until_told(_submit(desk, school, file, timeout if follow else 0.0, watch))
    except Unanswered as error:
        raise NoEnvironment(str(error)) from None
    if as_json:
        print_result(view, "", as_json=True)
    else:
        show(view)
    raise SystemExit(NOT_SO if follow and not view["settled"] else 0)


def token(
    school: School,
    role: Annotated[Role, typer.Option(help="角色 · role")] = Role.CLERK,
    area: Annotated[
        str, typer.Option(help="主管部门所在县区划，6 位 · area of the county; default: as known")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """发给演示调用方一个令牌 · A bearer token for a new demo caller.

    10 分钟有效，登记在本机配置（JISUI_CONFIG）的数据库中 · Good for ten minutes, in the store that
    this configuration names.
    """
    from gateway.settings import load_settings

    text, seconds = run_on_store(_issue(load_settings(), school, role, area))
    print_result({"token": text, "seconds": seconds}, text, as_json=as_json)


class NoToken(JisuiError):
    """There is no token to ask with."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where to ask, and as whom."""

    gateway: str
    token: str = field(repr=False)
    case: str
    user: str


def read_token(file: Path | None) -> str:
    """The token in a file, on standard input, or typed; raise `NoToken` where there is none."""
    if file is None and sys.stdin.isatty():
        return str(typer.prompt("令牌 · token", hide_input=True, err=True)).strip()
    if file is None:
        raise NoToken(
            "需要令牌 · a token is needed: --token, --token-file FILE; jisui token 可得一个"
        )
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise NoToken(
            f"令牌文件不可读 · cannot read the token file {file}: {type(error).__name__}"
        ) from None
    return text.strip()


async def _submit(
    to: _Desk, school: str, file: Path, seconds: float, watch: Watch
) -> dict[str, Any]:
    """The intake that the list became, as it stands when settled or after so many seconds."""
    from adapters.transport import open_client
    from gateway.demo.clerk import Desk

    async with open_client(to.gateway, seconds=120.0) as client:
        desk = Desk(client, to.token, to.user, to.case)
        view = await desk.submit(school, file)
        deadline = time.monotonic() + seconds
        while not view["settled"] and time.monotonic() < deadline:
            watch.update(view)
            await asyncio.sleep(POLL_SECONDS)
            view = await desk.read(view["intake_id"])
        return view


async def _issue(settings: "Settings", school: str, role: Role, area: str) -> tuple[str, int]:
    """A token, and for how many seconds it is good."""
    from gateway.access.tokens import LIFE_SECONDS
    from gateway.demo.stage import demo_token
    from gateway.migrations import migrate
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        if settings.embedded:
            await migrate(ground.database)
        county = area or await _area(ground, school)
        of_a_place = role in (Role.CLERK, Role.LEADER, Role.KINDERGARTEN)
        institution = school if of_a_place else county
        return await demo_token(ground, role, institution, county), LIFE_SECONDS


async def _area(ground: "Ground", school: str) -> str:
    """The area of the school's county: as known, as a register says, else by the code itself."""
    from gateway.intake.areas import area_of
    from gateway.intake.places import load_places

    async with ground.database.reading() as connection:
        place = (await load_places(connection, [school])).get(school)
    if place is None:
        await _learn(ground, school)
        async with ground.database.reading() as connection:
            place = (await load_places(connection, [school])).get(school)
    if place is None:
        sys.stderr.write(
            f"不知学校所在县，按代码 · county unknown, taken from the code: {school[:6]}\n"
        )
    return area_of(school, place)


async def _learn(ground: "Ground", school: str) -> None:
    from gateway.wiring.systems import open_systems, wire_registers

    try:
        async with open_systems(ground) as systems:
            await wire_registers(ground, systems).learn_places({school}, set())
    except JisuiError as error:
        sys.stderr.write(f"未能查询学校 · the school could not be looked up: {error}\n")
