"""What a demonstration ends in: one JSON object for programs, one table for people."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters import transport


def outcome(rows: Sequence[Mapping[str, Any]], size: int, root: str) -> dict[str, Any]:
    """The demonstration's result as one object."""
    return {
        "counts": dict(Counter(_situation(row) for row in rows)),
        "handovers": [
            {
                "row": row["row"],
                "state": row["state"],
                "reason": row["reason"],
                "number": row["number"],
                "grade": row["grade"],
                "problems": row["problems"],
            }
            for row in rows
        ],
        "evidence": {"size": size, "root": root},
    }


def _situation(row: Mapping[str, Any]) -> str:
    return f"{row['state']}:{row['reason']}" if row["reason"] else str(row["state"])


def show(intake: Mapping[str, Any]) -> None:
    """Print each situation, how many children, whose turn it is, what to do next."""
    table = Table(title=f"接续名单 {intake['school']} · {intake['rows']} 名儿童", show_lines=True)
    table.add_column("状态", no_wrap=True)
    table.add_column("人数", no_wrap=True, justify="right")
    table.add_column("轮到谁", no_wrap=True)
    # Chinese has no blanks to break at: without folding all but the first line would be cut off.
    table.add_column("下一步", overflow="fold")
    for row in intake["situations"]:
        table.add_row(row["label"], str(row["count"]), row["turn"], row["next_step"])
    Console().print(table)


async def dump(folder: Path, urls: Mapping[str, str]) -> None:
    """Write what each system holds and was asked, one file a system.

    A system in a simulator's place has no such pages unless it is a simulator too; its file then
    holds nothing.
    """
    held = {}
    for name, url in urls.items():
        async with transport.open_client(_host(url)) as client:
            pages = await asyncio.gather(_page(client, "records"), _page(client, "requests"))
            held[name] = dict(zip(("records", "requests"), pages, strict=True))
    await asyncio.to_thread(_write, folder, held)


def _write(folder: Path, held: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, pages in held.items():
        text = json.dumps(pages, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


async def _page(client: transport.Client, what: str) -> list[Any]:
    try:
        response = await client.get(f"/_simulator/{what}")
        found = response.json() if response.status_code == 200 else []
    except (transport.ClientFailure, ValueError):
        return []
    return found[what] if isinstance(found, dict) else list(found)


def _host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
