"""The closed vocabulary of status changes (学籍异动), one for preschool and primary school."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).parent / "events.csv"


class Stage(StrEnum):
    """In which stage of schooling a change happens."""

    PRESCHOOL = "preschool"
    PRIMARY = "primary"


class Event(StrEnum):
    """What changed; a member is never removed or given another meaning."""

    CREATED = "created"
    MOVED_OUT = "moved_out"
    MOVED_IN = "moved_in"
    LEFT = "left"
    GRADUATED = "graduated"
    ADVANCED = "advanced"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"
    KEY_DATA_CHANGED = "key_data_changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDREW = "withdrew"
    WENT_ABROAD = "went_abroad"
    CAME_HOME = "came_home"
    HELD_BACK = "held_back"
    SKIPPED_GRADE = "skipped_grade"
    DIED = "died"
    DROPPED_OUT = "dropped_out"
    NO_SHOW = "no_show"
    CARRIED = "carried"
    CARRY_REVERSED = "carry_reversed"
    APPROVED = "approved"
    RETURNED = "returned"
    APPROVAL_REOPENED = "approval_reopened"
    RESTORED = "restored"
    NUMBER_CHANGED = "number_changed"
    MERGED = "merged"
    SPLIT = "split"
    ERASED = "erased"
    RECORD_RESTORED = "record_restored"
    PROBLEM_OPENED = "problem_opened"
    PROBLEM_CLOSED = "problem_closed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event is called, where it happens, and its codes in JY/T 1001 (empty: none fits)."""

    event: Event
    label: str
    label_en: str
    stages: frozenset[Stage]
    xsbd: str
    xjydlb: str
    confidence: str


def load_vocabulary(file: Path = _FILE) -> Mapping[Event, Meaning]:
    """The meaning of every event; raise `ValueError` where one has none or two."""
    with file.open(encoding="utf-8", newline="") as lines:
        meanings = [_meaning(row) for row in csv.DictReader(lines, strict=True)]
    vocabulary = {meaning.event: meaning for meaning in meanings}
    if len(meanings) != len(vocabulary) or vocabulary.keys() != set(Event):
        raise ValueError(f"{file.name}: every event has one row")
    return MappingProxyType(vocabulary)


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(
        event=Event(row["event"]),
        label=row["label"],
        label_en=row["label_en"],
        stages=frozenset(Stage(stage) for stage in row["stages"].split()),
        xsbd=row["xsbd"],
        xjydlb=row["xjydlb"],
        confidence=row["confidence"],
    )
