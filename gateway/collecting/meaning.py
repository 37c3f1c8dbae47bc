"""What happened to a record: by the register's own code, else by what its record shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.capabilities import Change
from contracts.events import Event
from gateway.collecting.registers import Facts
from mappings.changes import DERIVED, ChangeMapping, Meant

NEVER_SEEN = "?"
MOVED, KEY_DATA = "moved", "key_data"
APPROVED, UNAPPROVED = "approved", "unapproved"
# Kinds that say by themselves what happened.
TELLING_KINDS = frozenset({"created", "renumbered", "removed", "advanced", "advancement_undone"})

_MOVES = frozenset({Event.MOVED_OUT, Event.MOVED_IN})
_ENDS = frozenset(
    {Event.LEFT, Event.CANCELLED, Event.WITHDREW, Event.WENT_ABROAD, Event.DIED, Event.MOVED_OUT}
)


@dataclass(frozen=True, slots=True)
class Before:
    """A record as it was seen last, as far as it can be compared; `status` empty: not known."""

    institution: str
    status: str
    same_status: bool
    same_particulars: bool
    same_approval: bool


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a change, and the set it is of."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Sides:
    """The institutions a change names: the record's own, the one before and the one after."""

    own: str
    before: str
    after: str

    def of(self, event: Event) -> tuple[str, str]:
        """Where the child was and where it is, empty where there is no such side."""
        if event is Event.CREATED:
            return "", self.after or self.own
        if event is Event.ADVANCED:
            return self.own, self.after
        if event in _MOVES and self.before != (self.after or self.own):
            return self.before, self.after or self.own
        if event is Event.MOVED_IN:
            return "", self.own
        return self.own, "" if event in _ENDS else self.own


def codes_of(change: Change[Any], before: Before | None, now: Facts) -> Sequence[Code]:
    """The codes that say what happened; none where nothing did that anybody is told of."""
    if change.code:
        return [Code(change.code_system, change.code)]
    if change.kind in TELLING_KINDS:
        return [Code(DERIVED, change.kind)]
    return [Code(DERIVED, code) for code in _differences(before, now)]


def meaning_of(mapping: ChangeMapping, code: Code) -> Meant | None:
    """What the code means; None where nobody has decided about it."""
    decided = mapping.meaning(code.system, code.code)
    if decided is None and code.system == DERIVED and ">" in code.code:
        before, _, after = code.code.partition(">")
        return mapping.turn(before, after)
    return decided


def sides_of(change: Change[Any], before: Before | None, now: Facts) -> Sides:
    """The institutions of a change: as the feed names them, else as the record shows them."""
    was = change.institution_before or (before.institution if before else "")
    return Sides(now.institution, was, change.institution_after or now.advanced_to)


def institutions_of(change: Change[Any], now: Facts) -> tuple[set[str], set[str]]:
    """The institutions of the record's own register, and the schools it leads on to."""
    leads_on = change.kind.startswith("advance") or bool(now.advanced_to)
    after = {change.institution_after or "", now.advanced_to}
    own = {now.institution, change.institution_before or ""}
    own, onward = (own, after) if leads_on else (own | after, set())
    return own - {""}, onward - {""}


def _differences(before: Before | None, now: Facts) -> list[str]:
    if before is None:
        return [f"{NEVER_SEEN}>{now.status}"]
    found = []
    if before.institution != now.institution:
        found.append(MOVED)
    if not before.same_status:
        found.append(f"{before.status}>{now.status}")
    if not before.same_particulars:
        found.append(KEY_DATA)
    if not before.same_approval:
        found.append(APPROVED if now.approved else UNAPPROVED)
    return found
