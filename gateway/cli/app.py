"""Assembles the command from its topics; a failure we know ends as a sentence and an exit code.

What is heavy is imported by the command that needs it, so that each starts as soon as it can.
"""

import sys

import typer

from contracts.errors import JisuiError
from gateway.cli import (
    daemons,
    demonstration,
    evidence,
    evidence_accounts,
    evidence_holds,
    evidence_packs,
    feeds,
    follow,
    honey,
    incidents,
    lanes,
    lists,
    numbers,
    people,
    promises,
    store,
    subscriptions,
    tables,
    verify,
    witnessing,
    worlds,
)
from gateway.cli.endings import REFUSED, NoEnvironment

_HELP = """籍随 Jisui：学籍互通网关 · the student-status interoperability gateway

退出码 · exit codes:

0 完成 · done

1 所问不成立，或未办结 · not so, or not settled

2 用法不对，或被拒绝 · wrong use, or refused

3 环境不可用 · the environment does not allow it"""


def main(arguments: list[str] | None = None) -> None:
    """Run the command, by default with the program's arguments.

    What we raise on purpose is a sentence and an exit code, not a trace.
    """
    try:
        app(arguments)
    except NoEnvironment as error:
        _end(str(error), error.code)
    except JisuiError as error:
        _end(str(error), REFUSED)


def _end(words: str, code: int) -> None:
    sys.stderr.write(f"{words}\n")
    raise SystemExit(code)


app = typer.Typer(
    name="jisui",
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # its tables cut off Chinese, which has no blanks to break at
)
app.command()(daemons.serve)
app.command()(daemons.work)
app.command()(daemons.simulate)
app.command()(witnessing.witness)
app.command()(demonstration.demo)
app.command()(lists.intake)
app.command()(lists.token)
app.command()(follow.follow)
app.command()(incidents.incidents)
app.command()(verify.verify)
app.command()(store.migrate)
app.command()(store.backup)
app.command()(store.restore)
app.add_typer(tables.commands, name="mappings")
app.add_typer(promises.commands, name="contracts")
app.add_typer(numbers.commands, name="number")
app.add_typer(people.commands, name="people")
evidence.commands.command()(evidence_packs.pack)
evidence.commands.command()(evidence_packs.search)
evidence.commands.command()(evidence_accounts.incident)
evidence.commands.command()(evidence_accounts.export)
evidence.commands.add_typer(evidence_holds.commands, name="hold")
app.add_typer(evidence.commands, name="evidence")
app.add_typer(honey.commands, name="honey")
app.add_typer(lanes.commands, name="lanes")
app.add_typer(feeds.commands, name="feeds")
app.add_typer(subscriptions.commands, name="subscriptions")
app.add_typer(worlds.commands, name="world")
