"""A column among many texts: one parameter, however many there are, and one statement for all.

`IN` with a parameter for each value is another statement for each count of them, written, read and
planned anew; with two hundred values that takes five times as long as finding the rows.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, String, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Texts(TypeDecorator[Collection[str]]):
    """Many texts as one parameter: an array where the engine has them, else JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What carries them to the engine."""
        carrier: TypeEngine[Any] = ARRAY(String) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(carrier)

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        """The texts in that form."""
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else json.dumps(texts)


class _Among(FunctionElement[Any]):
    # Without a type of its own: SQLite would be asked whether a truth value equals 1, and that
    # keeps it from its index.
    name = "among"
    inherit_cache = True


def among(
    column: ColumnElement[str], values: Collection[str] | BindParameter[Any]
) -> ColumnElement[bool]:
    """The condition that the column is one of these texts, or of those in a `parameter`."""
    if not isinstance(values, BindParameter):
        values = bindparam(None, values, type_=Texts(), unique=True)
    return _Among(column, values)


def parameter(name: str) -> BindParameter[Any]:
    """The texts of a statement that is made once, and executed with `{name: texts}`."""
    return bindparam(name, type_=Texts())


@compiles(_Among)
def _on_any(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - no values here


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"
