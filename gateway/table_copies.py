"""A table's rows as a file of JSON lines, written and read alike on either engine."""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Column, ColumnElement, String, Table, collate, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import streamed

_ROWS_AT_ONCE = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class TableCopy:
    """How many rows a table's file holds, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


async def copy_out(connection: AsyncConnection, table: Table, folder: Path) -> TableCopy:
    """Write the table into its file in the folder."""
    with create_file(file_of(folder, table)) as file:
        return await read_back(connection, table, file.write)


async def read_back(
    connection: AsyncConnection, table: Table, write: Callable[[bytes], object]
) -> TableCopy:
    """Give `write` the table line by line, in the order of its primary key."""
    digest, rows = hashlib.sha256(), 0
    key = [_in_byte_order(connection, column) for column in table.primary_key]
    async with streamed(connection, select(table).order_by(*key), _ROWS_AT_ONCE) as found:
        async for row in found:
            line = encode_row(row)
            digest.update(line)
            write(line)
            rows += 1
    return TableCopy(rows, digest.hexdigest())


def _in_byte_order(connection: AsyncConnection, column: Column[Any]) -> ColumnElement[Any]:
    # PostgreSQL may sort texts by a language's rules; the files must not depend on that.
    if connection.dialect.name == "postgresql" and isinstance(column.type, String):
        return collate(column, "C")
    return column


async def copy_in(connection: AsyncConnection, table: Table, folder: Path) -> None:
    """Insert what the table's file in the folder holds."""
    names = [column.name for column in table.columns]
    with file_of(folder, table).open("rb") as file:
        while lines := list(islice(file, _ROWS_AT_ONCE)):
            rows = [dict(zip(names, decode_row(line), strict=True)) for line in lines]
            await connection.execute(table.insert(), rows)


def encode_row(row: Iterable[object]) -> bytes:
    """One line for one row, ending in a line feed."""
    return _encode([_to_json(value) for value in row]).encode() + b"\n"


def decode_row(line: bytes) -> list[object]:
    """The row that a line was written for."""
    return [_from_json(value) for value in json.loads(line)]


def _to_json(value: object) -> object:
    """Bytes and times as a map with one member, which names their kind; the rest as it is."""
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case dict() | list():
            return {"json": value}
        case _:
            return value


def _from_json(value: object) -> object:
    match value:
        case {"bytes": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"instant": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"json": content}:
            return content
        case _:
            return value


def file_of(folder: Path, table: Table) -> Path:
    """Where a table's rows lie in the folder of a backup."""
    return folder / f"{table.name}.jsonl"


@contextmanager
def create_file(path: Path) -> Iterator[BinaryIO]:
    """A new file for its owner's eyes only, on the disk when it is closed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
