"""`jisui migrate`, `backup`, `restore`: the store as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.backup import Manifest
    from gateway.database import Database
    from gateway.settings import Settings


def migrate(as_json: AsJson = False) -> None:
    """建库或升级数据库，可重复执行 · Bring the store to the newest edition."""
    from gateway.settings import load_settings

    now = run_on_store(_migrate(load_settings()))
    print_result({"edition": now}, f"数据库版本 · edition of the store: {now}", as_json=as_json)


def backup(
    folder: Annotated[Path, typer.Argument(help="新文件夹 · a folder that does not exist yet")],
    as_json: AsJson = False,
) -> None:
    """备份数据库到新文件夹 · Copy the store into a new folder, while it is in use.

    密钥不在其中，须另行保管 · The keys are not in it: keep them apart.
    """
    from gateway.settings import load_settings

    _print(run_on_store(_back_up(load_settings(), folder)), "已备份 · backed up", as_json)


def restore(
    folder: Annotated[Path, typer.Argument(help="备份文件夹 · folder of a backup")],
    as_json: AsJson = False,
) -> None:
    """从备份恢复到空数据库并核验 · Fill an empty store from a backup, and verify it."""
    from gateway.settings import load_settings

    _print(
        run_on_store(_restore(load_settings(), folder)),
        "已恢复并核验 · restored, verified",
        as_json,
    )


def _print(manifest: "Manifest", done: str, as_json: bool) -> None:
    rows = sum(copy.rows for copy in manifest.tables.values())
    facts = {
        "edition": manifest.edition,
        "taken_at": manifest.taken_at,
        "rows": rows,
        "evidence": {"size": manifest.evidence_size, "root": manifest.evidence_root},
    }
    text = (
        f"{done}: {rows} 行 · rows, {manifest.taken_at}\n"
        f"证据 · evidence: {manifest.evidence_size} {manifest.evidence_root}"
    )
    print_result(facts, text, as_json=as_json)


async def _migrate(settings: "Settings") -> str | None:
    from gateway.migrations import edition
    from gateway.migrations import migrate as bring_up
    from gateway.wiring.store import open_store

    async with open_store(settings) as database:
        await bring_up(database)
        return await edition(database)


async def _back_up(settings: "Settings", folder: Path) -> "Manifest":
    from gateway.backup import back_up
    from gateway.clock import SystemClock
    from gateway.wiring.store import open_store

    async with open_store(settings) as database:
        manifest = await back_up(database, folder, SystemClock().now())
        await _note(settings, database, manifest)
        return manifest


async def _note(settings: "Settings", database: "Database", manifest: "Manifest") -> None:
    """Put it on record that a copy of everything exists; it is not in the copy itself."""
    import secrets

    from gateway.cli.operator import operator
    from gateway.clock import SystemClock
    from gateway.evidence import Action, Entry, Log
    from gateway.identifiers import Identifiers

    log = Log(settings.evidence_log, SystemClock(), Identifiers(SystemClock(), secrets.token_bytes))
    taken = Entry(
        action=Action.BACKUP_TAKEN,
        outcome="taken",
        actor=operator(),
        purpose="",
        basis="",
        case="",
        object_ref="",
        request_id="",
        content={"size": str(manifest.evidence_size), "root": manifest.evidence_root},
    )
    async with database.transaction() as connection:
        await log.append(connection, [taken])


async def _restore(settings: "Settings", folder: Path) -> "Manifest":
    from gateway.backup import restore as fill
    from gateway.wiring.store import open_store

    async with open_store(settings) as database:
        return await fill(database, folder)
