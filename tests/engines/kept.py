"""What every test would make anew and always makes alike: made once a process, and kept.

Stores and apps come and go with the tests; the statements asked of them, the crosswalks beside
them and the types of what the routes take are the same. All that took a third of the suite's time.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy.util import LRUCache

MOST = 5000


class Statements:
    """Compiled statements by all but the engine's own dialect, which is like any of its kind."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(MOST)

    def get(self, key: tuple[Any, ...]) -> Any:
        """The statement compiled by any engine of this kind, if it was."""
        return self._kept.get((key[0].name, *key[1:]))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[key[0].name, *key[1:]] = compiled


def keep() -> None:
    """Let what is loaded of the gateway and the mappings keep what it makes."""
    if (database := sys.modules.get("gateway.database")) is not None:
        database.create_async_engine = _sharing(database.create_async_engine, Statements())
    if (crosswalks := sys.modules.get("mappings.crosswalks")) is not None:
        crosswalks.load_edition = _kept(crosswalks.load_edition, crosswalks.digest)
    if (fields := sys.modules.get("fastapi._compat.v2")) is not None:
        fields.TypeAdapter = _reading_once(fields.TypeAdapter)


def _sharing(create: Callable[..., Any], statements: Statements) -> Callable[..., Any]:
    @wraps(create)
    def sharing(*arguments: Any, **settings: Any) -> Any:
        shared = {"compiled_cache": statements, **settings.pop("execution_options", {})}
        return create(*arguments, execution_options=shared, **settings)

    return sharing


def _kept(load: Callable[[Path], Any], digest: Callable[[Path], str]) -> Callable[[Path], Any]:
    kept: dict[tuple[Path, str], Any] = {}

    @wraps(load)
    def load_once(root: Path) -> Any:
        edition = root, digest(root)
        if edition not in kept:
            kept[edition] = load(root)
        return kept[edition]

    return load_once


def _reading_once(adapter: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[object, Any] = {}

    def adapt(annotated: Any, *, config: Any = None) -> Any:
        *rules, field = annotated.__metadata__
        told = tuple((name, type(value), value) for name, value in field._attributes_set.items())
        # By its text too: a union equals one of another order.
        kind = annotated.__origin__, str(annotated.__origin__), tuple(rules), told, config
        try:
            hash(kind)
        except TypeError:  # some part of it cannot be told from others by value
            return adapter(annotated, config=config)
        if kind not in kept:
            kept[kind] = adapter(annotated, config=config)
        return kept[kind]

    return adapt
