"""Structured logs: one JSON line an event, one trace id throughout, personal data masked."""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from gateway.masking import MASK, mask

NAMES_OF_PEOPLE = frozenset(
    {"name", "xm", "child_name", "guardian_name", "姓名", "监护人姓名", "document_number", "number"}
    | {"citizen_number", "gmsfhm", "xjh", "sfzjh", "born_on", "birth_date", "phone"}
)
_OURS = ("jisui", "gateway", "adapters", "mappings")


def configure_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send our events, and those of libraries, as masked JSON lines to `stream` (stderr)."""
    target = stream or sys.stderr
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()],
        foreign_pre_chain=_describing(),
    )
    lines = logging.StreamHandler(target)
    lines.setFormatter(formatter)
    logging.basicConfig(handlers=[lines], level=level.upper(), force=True)
    for ours in _OURS:
        logging.getLogger(ours).setLevel(level.upper())
    # Below WARNING libraries write addresses, whole messages, the values of every row they store.
    logging.getLogger().setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*_describing(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def bind_trace(trace_id: str) -> None:
    """Carry this trace id on every event of the present task."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(trace_id=trace_id)


def trace_id() -> str:
    """The trace id of the present task; empty where none is bound."""
    return str(structlog.contextvars.get_contextvars().get("trace_id", ""))


def where_it_broke(error: BaseException, frames: int = 6) -> dict[str, Any]:
    """An exception as its type and its innermost places; never its text, which may hold input."""
    stack = traceback.extract_tb(error.__traceback__)[-frames:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in stack]
    return {"error": type(error).__qualname__, "places": places}


def _describing() -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendering() -> list[structlog.types.Processor]:
    return [
        without_exception_texts,
        mask_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def without_exception_texts(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The event with its exception told by type and place."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told
    if isinstance(told, tuple):
        error = told[1]
    if isinstance(error, BaseException):
        event.update(where_it_broke(error))
    return event


def mask_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The event with numbers of people masked anywhere and their names masked by key."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key.lower() in NAMES_OF_PEOPLE:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), part) for inner, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", part) for part in value]
    return value if isinstance(value, int | float | bool | None) else mask(str(value))
