"""`jisui mappings show` and `check`: the crosswalk tables as experts and machines look at them."""

from typing import Annotated

import typer

from contracts.errors import JisuiError
from gateway.cli.endings import NOT_SO
from gateway.cli.output import AsJson, print_result

commands = typer.Typer(help="对照表 · crosswalk tables", no_args_is_help=True)


class NoSuchMapping(JisuiError):
    """There is no mapping of this name."""


@commands.command()
def show(
    name: Annotated[str, typer.Argument(help="preschool, student_status …")],
    as_json: AsJson = False,
) -> None:
    """一份对照表，供会议审阅 · A mapping as a Markdown page for a meeting."""
    from mappings import review
    from mappings.loss import CROSSWALKS

    try:
        page = review.show(name)
    except KeyError:
        known = ", ".join(sorted({folder for folder, _ in CROSSWALKS}))
        raise NoSuchMapping(f"没有这份对照表 · no mapping {name!r}; there are: {known}") from None
    print_result({"mapping": name, "markdown": page}, page.rstrip("\n"), as_json=as_json)


@commands.command()
def check(as_json: AsJson = False) -> None:
    """核对代码表、对照表与损失清单 · Check code systems, crosswalks and the agreed loss.

    有错退出码为 1 · Exit 1 where something is wrong.
    """
    from mappings import review

    wrong = review.check_all()
    text = "\n".join(wrong) or "对照表无误 · the tables hold"
    print_result({"holds": not wrong, "wrong": wrong}, text, as_json=as_json)
    raise SystemExit(NOT_SO if wrong else 0)
