"""The rows of an answer: what the register says of the one person asked about, and of no other."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.capabilities import Claim, Verdict
from contracts.outcomes import Outcome

_NUMBER, _NAME, _NUMBER_AGREES, _NAME_AGREES, _DEAD = "number", "name", "number?", "name?", "dead?"
# The same facts under the names that sources write; letter case and underscores differ as well.
_FIELDS: Mapping[str, str] = {
    "gmsfhm": _NUMBER,
    "gmsfzh": _NUMBER,
    "zjh": _NUMBER,
    "cardid": _NUMBER,
    "xm": _NAME,
    "gmsfhmppddm": _NUMBER_AGREES,
    "gmsfzhppddm": _NUMBER_AGREES,
    "xmppddm": _NAME_AGREES,
    "swbs": _DEAD,
}
# Number agrees, name agrees, death flag. Whatever is not listed is no answer we may rely on:
# of values other than 1 the register's dictionary is not public.
_SAID: Mapping[tuple[str, str, str], Outcome] = {
    ("1", "1", "0"): Outcome.MATCH,
    ("1", "1", "1"): Outcome.DECEASED,
    ("1", "0", "0"): Outcome.NAME_MISMATCH,
    # Whoever died bears another name than the child asked about.
    ("1", "0", "1"): Outcome.NAME_MISMATCH,
    ("0", "0", "0"): Outcome.NOT_ON_FILE,
    ("0", "0", ""): Outcome.NOT_ON_FILE,
}


def read_verdict(opened: Any, claim: Claim) -> Verdict:
    """What the opened `datas` say of the claim; UNKNOWN unless they speak of it alone, and once."""
    rows: Sequence[Any] = opened if isinstance(opened, list) else [opened]
    if not rows or rows == [None]:
        return _unknown("no row")
    if len(rows) > 1:
        return _unknown("several rows")
    row = _named(rows[0])
    if row is None:
        return _unknown("fields")
    if (row[_NUMBER].upper(), row[_NAME]) != (claim.citizen_number, claim.name):
        return _unknown("another person")
    said = row[_NUMBER_AGREES], row[_NAME_AGREES], row[_DEAD]
    outcome = _SAID.get(said)
    return Verdict(outcome, "/".join(said)) if outcome else _unknown("unlisted result")


def _named(row: Any) -> Mapping[str, str] | None:
    """The row under our names; None where a field is missing, strange, doubled or no text."""
    if not isinstance(row, dict) or len(row) != len(set(_FIELDS.values())):
        return None
    named = {
        _FIELDS.get(name.lower().replace("_", ""), ""): text
        for name, text in row.items()
        if isinstance(text, str)
    }
    return named if named.keys() == set(_FIELDS.values()) else None


def _unknown(why: str) -> Verdict:
    return Verdict(Outcome.UNKNOWN, why)
