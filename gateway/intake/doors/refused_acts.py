"""Refused acts as problems: one child's reason in words, or every row's with its place."""

from gateway.intake.rules.refusals import Refusal, RowsRefused, load_refusals
from gateway.web.problems import Fault, Kind, Problem


def problem_of_one(refused: RowsRefused) -> Problem:
    """The problem a refused act on one child is answered with."""
    ((_, refusal),) = refused.rows
    wording = load_refusals()[refusal]
    fault = Fault(refusal.value, "#", wording.zh, wording.en)
    return Problem(Kind(wording.kind), [fault], detail=wording.zh, detail_en=wording.en)


def problem_of_rows(refused: RowsRefused) -> Problem:
    """The problem a refused batch is answered with: nothing was done, for these reasons."""
    kinds = {load_refusals()[refusal].kind for _, refusal in refused.rows}
    kind = Kind(kinds.pop()) if len(kinds) == 1 else Kind.CONFLICT
    return Problem(kind, [_fault(place, refusal) for place, refusal in refused.rows])


def _fault(place: int, refusal: Refusal) -> Fault:
    wording = load_refusals()[refusal]
    return Fault(refusal.value, f"#/rows/{place}", wording.zh, wording.en)
