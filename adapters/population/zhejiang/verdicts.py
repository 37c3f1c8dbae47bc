"""The rows of an answer: what the register says of the one person asked about, and of no other."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
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
_FOLDER = Path(__file__).parents[3] / "contracts" / "zhejiang_platform"


def load_match_codes() -> Mapping[str, bool]:
    """What the register's results say; one not listed says nothing."""
    with (_FOLDER / "match-codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["agrees"] == "yes" for row in csv.DictReader(file)}


def read_verdict(opened: Any, claim: Claim, codes: Mapping[str, bool]) -> Verdict:
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
    return _said(row[_NUMBER_AGREES], row[_NAME_AGREES], row[_DEAD], codes)


def _said(number: str, name: str, death: str, codes: Mapping[str, bool]) -> Verdict:
    raw = f"{number}/{name}/{death}"
    match codes.get(number), codes.get(name), death:
        case True, True, "0":
            return Verdict(Outcome.MATCH, raw)
        case True, True, "1":
            return Verdict(Outcome.DECEASED, raw)
        # Whoever died bears another name than the child asked about.
        case True, False, "0" | "1":
            return Verdict(Outcome.NAME_MISMATCH, raw)
        case False, False, "0" | "":
            return Verdict(Outcome.NOT_ON_FILE, raw)
    return _unknown("unlisted result")


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
