"""Well-formed lies: answers that are good JSON in good envelopes and still must not be believed."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.population.zhejiang.envelopes import Place, open_datas, read_envelope
from adapters.population.zhejiang.verdicts import load_match_codes, read_verdict
from adapters.transport import Answer
from contracts.capabilities import Claim
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome

PLACE = Place("population", "identityCheck")
CLAIM = Claim("999999201801010014", "测试甲")
CODES = load_match_codes()
TRUE_ROWS: dict[Outcome, dict[str, str]] = {
    outcome: {
        "gmsfhm": CLAIM.citizen_number,
        "xm": CLAIM.name,
        "gmsfhmPpddm": number,
        "xmPpddm": name,
        "swbs": death,
    }
    for outcome, number, name, death in (
        (Outcome.MATCH, "1", "1", "0"),
        (Outcome.NAME_MISMATCH, "1", "0", "0"),
        (Outcome.NOT_ON_FILE, "0", "0", ""),
        (Outcome.DECEASED, "1", "1", "1"),
    )
}
LIES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    1.0,
    -1,
    10**30,
    "2",
    "01",
    "1 ",
    " 1",
    "+1",
    "1.0",
    "１",
    "一",
    "是",
    "一致",
    "TRUE",
    "true",
    "Y",
    "null",
    "NaN",
    "\u200b1",
    "1\u0000",
    "1\n",
    "99999920180101001４",
    "999999201801010022",
    "999999 201801010014",
    "测试乙",
    "测试甲 ",
    "测试甲\u200b",
    "测試甲",
    "",
    [],
    ["1"],
    {},
    {"value": "1"},
    [CLAIM.citizen_number],
    "1900-01-01",
)


def outcome_of(row: Any) -> Outcome | None:
    """What an answer with this row comes to; None where it is no answer at all."""
    body = json.dumps({"code": "00", "datas": row}).encode()
    try:
        envelope = read_envelope(Answer(200, {}, body), PLACE)
        return read_verdict(open_datas(envelope.datas, PLACE), CLAIM, CODES).outcome
    except SystemFailure:
        return None


# Blank is no lie where nobody bears the number and nobody can be said to be dead.
CASES = [
    (outcome, field, lie)
    for (outcome, row), lie in product(TRUE_ROWS.items(), LIES)
    for field in row
    if row[field] != lie
]


@pytest.mark.parametrize("outcome", TRUE_ROWS)
def test_the_truth_is_believed(outcome: Outcome) -> None:
    assert outcome_of(TRUE_ROWS[outcome]) is outcome


@pytest.mark.parametrize("outcome", TRUE_ROWS)
def test_a_row_with_one_lie_in_it_is_no_verdict(outcome: Outcome) -> None:
    tried = [(field, lie) for of, field, lie in CASES if of is outcome]
    assert len(tried) > 190
    for field, lie in tried:
        assert outcome_of({**TRUE_ROWS[outcome], field: lie}) is Outcome.UNKNOWN, (field, lie)


SPELT = {"gmsfzh": "gmsfhm", "gmsfhm_ppddm": "gmsfhmppddm"}
NAMES = st.sampled_from([*TRUE_ROWS[Outcome.MATCH], "GMSFHM", "xm_", *SPELT, "zxbs"])
VALUES = st.sampled_from([CLAIM.citizen_number, CLAIM.name, "1", "0", "", "2", None])
BELIEVED = [
    *TRUE_ROWS.items(),
    (Outcome.NAME_MISMATCH, {**TRUE_ROWS[Outcome.NAME_MISMATCH], "swbs": "1"}),
    (Outcome.NOT_ON_FILE, {**TRUE_ROWS[Outcome.NOT_ON_FILE], "swbs": "0"}),
]


def facts(row: dict[str, Any]) -> tuple[int, frozenset[tuple[str, Any]]]:
    """How many fields a row has, and what they say however they are spelt."""
    folded = {name: name.lower().rstrip("_") for name in row}
    said = frozenset((SPELT.get(folded[name], folded[name]), row[name]) for name in row)
    return len(row), said


@given(st.sampled_from(BELIEVED), st.sets(NAMES, max_size=2), st.dictionaries(NAMES, VALUES))
@settings(max_examples=400, deadline=None)
def test_however_a_row_is_changed_it_is_believed_only_where_it_is_true(
    true: tuple[Outcome, dict[str, str]], dropped: set[str], added: dict[str, Any]
) -> None:
    kept = {name: value for name, value in true[1].items() if name not in dropped}
    row = {**kept, **added}
    meant = [outcome for outcome, each in BELIEVED if facts(each) == facts(row)]
    assert outcome_of(row) is (meant[0] if meant else Outcome.UNKNOWN)
