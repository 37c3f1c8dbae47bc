"""What was received, kept for good: each event once, in order, and whatever is missing known.

Position, events and their effects are committed together: after a crash each is there or none.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEARTBEAT_SECONDS = 60.0
_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    child TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    school TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_child ON events (child, number);
CREATE TABLE IF NOT EXISTS position (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER);
"""

Event = Mapping[str, Any]
Effect = Callable[[sqlite3.Connection, Event], None]


class Contradiction(Exception):
    """Another event under a number that was received already: stop, and ask an operator."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers that exist and were not received."""

    first: int
    last: int


class Inbox:
    """One subscriber's memory of one subscription, in a file of its own."""

    def __init__(self, file: Path | str, *, start: int = 0, effect: Effect | None = None) -> None:
        """`start` counts in a new file only; `effect` acts on each event within its transaction."""
        self._store = sqlite3.connect(file, isolation_level=None)
        self._store.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")
        self._store.execute("INSERT OR IGNORE INTO position VALUES (1, ?)", (start,))
        self._effect = effect
        self.head = self.position
        self.heard_at: float | None = None

    @property
    def position(self) -> int:
        """Up to which number everything was received and had its effect."""
        number: int = self._store.execute("SELECT number FROM position").fetchone()[0]
        return number

    def take(self, events: Iterable[Event]) -> list[Event]:
        """Those events that have their effect now: each once, in order, with nothing missing below.

        What comes too early is kept until the hole is filled; what came before is left alone.
        """
        with self._transaction():
            for event in events:
                self._keep(event)
            return self._advance()

    def hear(self, head: int, at: float) -> None:
        """A heartbeat, or a page: the stream's last number is at least this."""
        self.head = max(self.head, head)
        self.heard_at = at

    @property
    def missing(self) -> Missing | None:
        """The first hole below what is known to exist."""
        position = self.position
        query = "SELECT min(number), max(number) FROM events WHERE number > ?"
        early, latest = self._store.execute(query, (position,)).fetchone()
        head = max(self.head, latest or 0)
        if head <= position:
            return None
        return Missing(position + 1, early - 1 if early else head)

    def is_silent(self, now: float, grace_seconds: float = 5.0) -> bool:
        """Whether a heartbeat is overdue: then nobody knows what is missing."""
        heard_at = self.heard_at
        return heard_at is None or now - heard_at > HEARTBEAT_SECONDS + grace_seconds

    def children_at(self, school: str, through: int) -> list[tuple[str, int, str]]:
        """Each child of a school by the event `through`: name, version and status, by name.

        What was told late, after newer events of its child, leaves it where those have left it.
        """
        query = """
            SELECT child, version, status FROM events JOIN
                (SELECT max(number) AS number FROM events WHERE number <= ?
                    AND json_extract(body, '$.data.late') IS NULL GROUP BY child)
            USING (number) WHERE school = ? ORDER BY child
        """
        return self._store.execute(query, (through, school)).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def _keep(self, event: Event) -> None:
        number = int(event["sequence"])
        known = self._store.execute("SELECT id FROM events WHERE number = ?", (number,)).fetchone()
        if known is not None and known[0] != event["id"]:
            raise Contradiction(f"number {number}")
        if known is None and number > self.position:
            told = (number, event["id"], *summary(event), json.dumps(event, ensure_ascii=False))
            self._store.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", told)

    def _advance(self) -> list[Event]:
        position = self.position
        query = "SELECT number, body FROM events WHERE number > ? ORDER BY number"
        ready: list[Event] = []
        for number, body in self._store.execute(query, (position,)).fetchall():
            if number != position + 1:
                break
            event = json.loads(body)
            if self._effect is not None:
                self._effect(self._store, event)
            ready.append(event)
            position = number
        if ready:
            self._store.execute("UPDATE position SET number = ?", (position,))
        return ready

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._store.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._store.execute("ROLLBACK")
            raise
        self._store.execute("COMMIT")


def summary(event: Event) -> tuple[str, int, str, str]:
    """Whom an event is about, and how that child stands after it: child, version, status, school.

    The school is empty where the child is at none that the subscriber may know of.
    """
    told = event["data"]
    status = event["type"].removeprefix("cn.jisui.status.").partition(".")[0]
    return event["subject"], int(told.get("childVersion", 0)), status, _school(told)


def _school(told: Mapping[str, Any]) -> str:
    side = "To" if "areaTo" in told else "From"  # a change with one side leaves the child there
    school: str = told.get(f"school{side}", "")
    return school
