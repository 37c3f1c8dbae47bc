"""What people read about each state of a problem record: its name, whose turn, what to do next."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gateway.verification.problems.rules.states import State


@dataclass(frozen=True, slots=True)
class Wording:
    """One state in words; `turn` says who acts, `working_days` until when."""

    state: State
    zh: str
    en: str
    turn: str
    turn_zh: str
    working_days: int | None
    next_zh: str
    next_en: str


@cache
def load_wordings() -> dict[State, Wording]:
    """The wording of every state, read from the table beside this module once."""
    text = files(__package__).joinpath("states.csv").read_text(encoding="utf-8")
    return {row.state: row for row in map(_wording, csv.DictReader(text.splitlines()))}


def owner_of(state: State, school: str, area: str) -> str:
    """Who acts on a record in this state: `school:…`, `county:…`, `province:…`, or a bare word."""
    match load_wordings()[state].turn:
        case "clerk" | "leader":
            return f"school:{school}"
        case "county":
            return f"county:{area}"
        case "province":
            return f"province:{area[:2]}0000"
        case other:
            return other


def above(owner: str, area: str) -> str:
    """Who answers for the owner: school → county → province; nobody answers for those above."""
    kind, _, _ = owner.partition(":")
    line = {"school": f"county:{area}", "county": f"province:{area[:2]}0000"}
    return line.get(kind, owner)


def _wording(row: dict[str, str]) -> Wording:
    return Wording(
        state=State(row["state"]),
        zh=row["zh"],
        en=row["en"],
        turn=row["turn"],
        turn_zh=row["turn_zh"],
        working_days=int(row["days"]) if row["days"] else None,
        next_zh=row["next_zh"],
        next_en=row["next_en"],
    )
