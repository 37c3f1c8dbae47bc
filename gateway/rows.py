"""Writes many rows with one statement that is put together once, however often rows come.

The library builds a dictionary of parameters for every row, which for a few hundred short rows
takes longer than writing them. Here only the columns that need it are converted, all at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Delete, Dialect, Insert, LargeBinary, Update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from gateway import one_hop

Rows = Sequence[Mapping[str, Any]]
_Column = Callable[[Rows], Iterable[Any]]
_Conversion = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statement's text, and how each of its parameters is read off all rows."""

    text: str
    parameters: tuple[_Column, ...]


async def write_rows(
    connection: AsyncConnection, statement: Insert | Update | Delete, rows: Rows
) -> None:
    """Execute a statement once for each row; all of them name the same columns or parameters.

    What is put together is remembered under the statement itself, so one that is made anew for
    every call gains nothing. Where it fails, a later statement or the commit may be what tells.
    """
    if not rows:
        return
    prepared = _prepare(statement, connection.dialect, tuple(rows[0]))
    columns = [read(rows) for read in prepared.parameters]
    values = list(zip(*columns, strict=True))
    if not _waits(connection, prepared.text, values):
        await connection.exec_driver_sql(prepared.text, values)


def _waits(connection: AsyncConnection, text: str, values: Sequence[Sequence[Any]]) -> bool:
    """Whether the driver takes the rows along with the next statement."""
    assert connection.sync_connection is not None  # it is in a transaction
    driver = connection.sync_connection.connection.driver_connection
    return isinstance(driver, one_hop.Connection) and driver.later(text, values)


@lru_cache(maxsize=512)
def _prepare(
    statement: Insert | Update | Delete, dialect: Dialect, names: tuple[str, ...]
) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    assert isinstance(compiled, SQLCompiler)  # what else a statement of these kinds compiles to
    order = compiled.positiontup or []
    if not set(names) <= set(order):
        raise ValueError("a row names what the statement does not write")
    columns = [_column(compiled, dialect, name, given=name in names) for name in order]
    return _Prepared(str(compiled), tuple(columns))


def _column(compiled: SQLCompiler, dialect: Dialect, name: str, *, given: bool) -> _Column:
    convert = _conversion(compiled.binds[name].type, dialect)
    if not given:
        return _constant(compiled, name, convert)
    read = itemgetter(name)
    if convert is None:
        return lambda rows: map(read, rows)
    return lambda rows: map(convert, map(read, rows))


def _constant(compiled: SQLCompiler, name: str, convert: _Conversion | None) -> _Column:
    if compiled.binds[name].required or compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError("the statement needs what the rows do not name")
    fixed = compiled.binds[name].value
    value = convert(fixed) if convert else fixed
    return lambda rows: repeat(value, len(rows))


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> _Conversion | None:
    if isinstance(kind, LargeBinary):  # both drivers take bytes as they are
        return None
    found: _Conversion | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found
