"""The remedies (佐证, 变更, 删除): which class admits which, and how a record may end."""

from collections.abc import Iterable
from enum import StrEnum

from contracts.outcomes import Outcome
from gateway.verification.problems.rules.classes import ProblemClass


class Remedy(StrEnum):
    """What a school may propose."""

    EVIDENCE = "evidence"  # 佐证: the record is right as it stands
    CHANGE = "change"  # 变更: name, sex, birth date or document is put right
    DELETION = "deletion"  # 删除: the record should not be


class Resolution(StrEnum):
    """How a problem record ended."""

    EVIDENCE = "evidence"
    CHANGED = "changed"
    DELETION = "deletion"
    CLEARED = "cleared"
    TWO_PERSONS = "two_persons"
    UNFOUNDED = "unfounded"
    SETTLED_ELSEWHERE = "settled_elsewhere"


REMEDY_LABELS = {Remedy.EVIDENCE: "佐证", Remedy.CHANGE: "变更", Remedy.DELETION: "删除"}
RESOLUTION_LABELS = {
    Resolution.EVIDENCE: "佐证通过",
    Resolution.CHANGED: "已变更",
    Resolution.DELETION: "同意删除",
    Resolution.CLEARED: "问题已消除",
    Resolution.TWO_PERSONS: "确认非同一人",
    Resolution.UNFOUNDED: "问题不成立",
    Resolution.SETTLED_ELSEWHERE: "已另行办理",
}

_ALL = frozenset(Remedy)
# A death mark is settled between the county and public security; a school proposes nothing.
REMEDIES: dict[ProblemClass, frozenset[Remedy]] = {
    ProblemClass.DOCUMENT_TWICE_ONE_PERSON: frozenset({Remedy.EVIDENCE, Remedy.DELETION}),
    ProblemClass.DOCUMENT_TWICE_TWO_PERSONS: frozenset({Remedy.EVIDENCE, Remedy.CHANGE}),
    ProblemClass.DOCUMENT_NOT_ON_FILE: _ALL,
    ProblemClass.DOCUMENT_NAME_MISMATCH: _ALL,
    ProblemClass.DOCUMENT_CHANGED: frozenset({Remedy.CHANGE}),
    ProblemClass.DOCUMENT_MISSING: frozenset({Remedy.EVIDENCE, Remedy.CHANGE}),
    ProblemClass.DOCUMENT_INVALID: _ALL,
    ProblemClass.PERSON_TWICE: _ALL,
    ProblemClass.ROSTER_MISMATCH: frozenset({Remedy.EVIDENCE, Remedy.DELETION}),
    ProblemClass.DEATH_MARK: frozenset(),
}

# A death mark says whose number it is: that refutes no change, and the offices alone learn of it.
REFUTES_A_CHANGE = frozenset({Outcome.NAME_MISMATCH, Outcome.NOT_ON_FILE, Outcome.INVALID_CLAIM})


def admits(classes: Iterable[ProblemClass], remedy: Remedy) -> bool:
    """Whether the remedy settles at least one of these classes."""
    return any(remedy in REMEDIES[problem_class] for problem_class in classes)
