"""`jisui incidents`: what an operator should look into, one line a cause."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.settings import Settings

_CAUSES = {
    "subscriber_silent": "订阅方停止取数 · subscribers stopped asking",
    "subscriber_behind": "订阅方积压过久 · subscribers are behind",
}


def incidents(
    every: Annotated[
        bool, typer.Option("--all", help="含已结束的 · those that are closed too")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """待处理事件，一因一条 · Incidents, one a cause, with whom it affects.

    有未结束的事件时退出码为 1 · Exit 1 where one is open.
    """
    from gateway.settings import load_settings

    found = run_on_store(_listed(load_settings(), every=every))
    text = "\n".join(_line(one) for one in found) or "没有事件 · none"
    print_result({"incidents": found}, text, as_json=as_json)
    if any(one["closed_at"] is None for one in found):
        raise SystemExit(NOT_SO)


def _line(one: dict[str, Any]) -> str:
    until = one["closed_at"] or "未结束 open"
    affected = " ".join(name for name, since in one["subscriptions"].items() if since)
    said = f"{one['opened_at']} – {until}  {_CAUSES[one['cause']]}  {one['affected']}"
    return f"{said}  {affected}".rstrip()


async def _listed(settings: "Settings", *, every: bool) -> list[dict[str, Any]]:
    from gateway.feed.silence.incidents import list_incidents
    from gateway.feed.silence.routes import view_incident
    from gateway.wiring.store import open_store

    async with open_store(settings) as database, database.reading() as connection:
        found = await list_incidents(connection, standing=not every)
    return [view_incident(one).model_dump(mode="json") for one in found]
