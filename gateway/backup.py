"""Copies a whole store into plain files and back: the same files for either kind of store.

A backup is a folder: `manifest.json`, and for each table a file of JSON lines, one a row, in the
order of the primary key. What is sealed stays sealed, so the folder is of no use without the keys,
which are not in it. The store is read in one snapshot; it goes on working meanwhile. As the files
do not depend on the engine, this is also the way from SQLite to PostgreSQL.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.database import Database
from gateway.evidence.log import recompute
from gateway.migrations import declared_tables, migrate, newest_edition, stored_edition
from gateway.table_copies import TableCopy, copy_in, copy_out, create_file, file_of, read_back

_MANIFEST = "manifest.json"


class BackupRefused(JisuiError):
    """A backup that cannot be taken or restored here; the text says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the edition, each table's copy, the size and root of the evidence."""

    edition: str
    taken_at: str
    tables: Mapping[str, TableCopy]
    evidence_size: int
    evidence_root: str


async def back_up(database: Database, folder: Path, taken_at: datetime) -> Manifest:
    """Copy the store into `folder`, which appears only when it is whole and on the disk."""
    draft = _open_draft(folder)
    async with database.reading() as connection:
        edition = await connection.run_sync(stored_edition)
        if edition != newest_edition():
            raise BackupRefused(f"the store is at edition {edition}: migrate it first")
        tables = {table.name: await copy_out(connection, table, draft) for table in _tables()}
        size, root = await recompute(connection)
    manifest = Manifest(edition, taken_at.astimezone(UTC).isoformat(), tables, size, root)
    _close_draft(draft, manifest, folder)
    return manifest


async def restore(database: Database, folder: Path) -> Manifest:
    """Fill an empty store from a backup, all of it or nothing, and verify what was filled in.

    Raises `BackupRefused` where the files are not those of the manifest, where the backup is of
    another edition, where the store is not empty, or where it does not read back as it was.
    """
    manifest = load_manifest(folder)
    _verify_files(folder, manifest)
    await migrate(database)
    async with database.transaction() as connection:
        await _require_empty(connection)
        for table in _tables():
            await copy_in(connection, table, folder)
        await _verify_store(connection, manifest)
    return manifest


def load_manifest(folder: Path) -> Manifest:
    """The manifest of a backup that this program's edition can restore."""
    try:
        manifest = _parse_manifest((folder / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupRefused("the folder holds no readable manifest") from error
    if manifest.edition != newest_edition():
        raise BackupRefused(
            f"the backup is of edition {manifest.edition}, this program of {newest_edition()}"
        )
    return manifest


def _parse_manifest(text: str) -> Manifest:
    read = json.loads(text)
    tables = {name: TableCopy(**copy) for name, copy in read.pop("tables").items()}
    return Manifest(tables=tables, **read)


def _tables() -> list[Table]:
    return declared_tables().sorted_tables  # what others refer to comes first


def _open_draft(folder: Path) -> Path:
    if folder.exists():
        raise BackupRefused("the folder exists already")
    draft = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)  # of a backup that was cut short
    draft.mkdir(mode=0o700, parents=True)
    return draft


def _close_draft(draft: Path, manifest: Manifest, folder: Path) -> None:
    content = json.dumps(asdict(manifest), ensure_ascii=False, indent=2).encode()
    with create_file(draft / _MANIFEST) as file:
        file.write(content)
    _sync_folder(draft)
    draft.rename(folder)
    _sync_folder(folder.parent)


def _verify_files(folder: Path, manifest: Manifest) -> None:
    declared = {table.name: table for table in _tables()}
    if declared.keys() != manifest.tables.keys():
        raise BackupRefused("the backup holds other tables than this program has")
    for name, copy in manifest.tables.items():
        path = file_of(folder, declared[name])
        if not path.exists() or _digest_of(path) != copy.sha256:
            raise BackupRefused(f"the file of {name} is not the one that was written")


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _require_empty(connection: AsyncConnection) -> None:
    for table in _tables():
        if (await connection.execute(select(table).limit(1))).first() is not None:
            raise BackupRefused(f"the store is not empty: {table.name} has rows")


async def _verify_store(connection: AsyncConnection, manifest: Manifest) -> None:
    for table in _tables():
        if await read_back(connection, table, len) != manifest.tables[table.name]:
            raise BackupRefused(f"{table.name} does not read back as it was written")
    if await recompute(connection) != (manifest.evidence_size, manifest.evidence_root):
        raise BackupRefused("the evidence has another root than when the backup was taken")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
