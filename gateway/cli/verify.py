"""`jisui verify`: a sheet of claims handed to a running gateway, and its result fetched."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO
from urllib.parse import urlencode

import typer

from contracts.errors import JisuiError
from gateway.cli.endings import NOT_SO, NoEnvironment, run_until_told
from gateway.cli.lists import Gateway, Token, TokenFile, read_token
from gateway.cli.output import AsJson, print_result
from gateway.cli.progress import Watch, watching

if TYPE_CHECKING:
    from adapters.transport import Client

POLL_SECONDS = 0.5
UPLOAD_SECONDS = 600.0
_PATH = "/v1/verification-batches"
_RESULTS = {".csv": "result.csv", ".xlsx": "result.xlsx"}

File = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, help="姓名、身份证件号 · xlsx, csv or json"),
]
Out = Annotated[
    Path | None, typer.Option(help="结果另存为 .xlsx 或 .csv · where to put the result")
]


class NoResult(JisuiError):
    """The result cannot be had, or not in this form."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done with a sheet, where, and as whom."""

    gateway: str
    headers: Mapping[str, str] = field(repr=False)
    file: Path
    asked: Mapping[str, str]
    seconds: float
    out: Path | None


def verify(
    file: File,
    school: Annotated[str, typer.Option(help="学校标识码，10 位 · whose records they are")],
    system: Annotated[
        str, typer.Option("--system", "--dialect", help="人口库 · register; default: by area")
    ] = "",
    gateway: Gateway = "http://127.0.0.1:8080",
    token: Token = "",
    token_file: TokenFile = None,
    case: Annotated[str, typer.Option(help="案号 · case")] = "",
    user: Annotated[str, typer.Option(help="经办人 · X-Road-UserId")] = "",
    purpose: Annotated[str, typer.Option(help="目的 · purpose")] = "enrolment",
    problems: Annotated[
        bool, typer.Option("--problems", help="开立问题学籍 · open problem records")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="等到核完 · wait until done")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="最长秒数 · seconds to wait")] = 86_400.0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """批量核验名单 · Verify a sheet against the population register.

    与 --follow 同用时，未核完退出码为 1 · With --follow: exit 1 when not done in time.
    """
    if out is not None and (out.suffix.lower() not in _RESULTS or not follow):
        raise NoResult("--out 须为 .xlsx 或 .csv，并与 --follow 同用 · takes both")
    headers = {
        "Authorization": f"Bearer {token or read_token(token_file)}",
        "Jisui-Purpose": purpose,
        "X-Road-Issue": case or f"VERIFY-{school}",
    } | ({"X-Road-UserId": user} if user else {})
    asked = {"school": school, "open_problems": str(problems).lower()}
    asked |= {"system": system} if system else {}
    view = _run(Errand(gateway, headers, file, asked, timeout if follow else 0.0, out))
    print_result(view, _told(view), as_json=as_json)
    raise SystemExit(NOT_SO if follow and view["state"] != "done" else 0)


def _run(errand: Errand) -> dict[str, Any]:
    from gateway.demo.clerk import Unanswered

    try:
        with watching("提交 · handing in") as watch:
            return run_until_told(_verify(errand, watch))
    except Unanswered as error:
        raise NoEnvironment(str(error)) from None


async def _verify(errand: Errand, watch: Watch) -> dict[str, Any]:
    """How the batch stands when it is over, or after so many seconds."""
    from adapters.transport import open_client
    from gateway.demo.clerk import ask
    from gateway.sheets.reading import media_type_of

    content = await asyncio.to_thread(errand.file.read_bytes)
    sheet = {**errand.headers, "Content-Type": media_type_of(errand.file.name)}
    async with open_client(errand.gateway, seconds=UPLOAD_SECONDS) as client:
        view = await ask(client, "POST", f"{_PATH}?{urlencode(errand.asked)}", content, sheet)
        place, deadline = f"{_PATH}/{view['batch_id']}", time.monotonic() + errand.seconds
        while view["state"] == "open" and time.monotonic() < deadline:
            watch.show(_words(view), view["rows"] - view["pending"], view["rows"])
            await asyncio.sleep(POLL_SECONDS)
            view = await ask(client, "GET", place, b"", dict(errand.headers))
        if errand.out is not None and view["state"] == "done":
            await _fetch(client, place, errand, errand.out)
    return view


async def _fetch(client: "Client", place: str, errand: Errand, out: Path) -> None:
    """Save the result in a file that only its owner can read."""
    from adapters.transport import ClientFailure

    path = f"{place}/{_RESULTS[out.suffix.lower()]}"
    try:
        async with client.stream("GET", path, headers=dict(errand.headers)) as response:
            if response.status_code != 200:
                raise NoResult(f"结果不可得 · no result: {response.status_code}")
            with _private(out) as file:
                async for piece in response.aiter_raw():
                    file.write(piece)
    except (ClientFailure, OSError) as error:
        raise NoResult(f"结果未能保存 · not saved: {type(error).__name__}") from None


def _private(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _words(view: Mapping[str, Any]) -> str:
    """What the bar says beside its figures."""
    if view["resumes_at"]:
        return f"等待开放 · waits until {view['resumes_at'][:16]}"
    pace = f"{view['rows_a_second']:.0f}/s" if view["rows_a_second"] else ""
    return f"核验 · verifying {pace}".rstrip()


def _told(view: Mapping[str, Any]) -> str:
    """How a batch stands, for people."""
    counts = [f"{one['label']} {one['count']}" for one in view["outcomes"] if one["count"]]
    rest = f"待核验 · pending {view['pending']}" if view["pending"] else ""
    same = f"重复 · repeated {view['repeated']}" if view["repeated"] else ""
    lines = [view["batch_id"], f"{view['state']}  {view['rows']} 行 · rows", *counts, same, rest]
    return "\n".join(line for line in lines if line)
