"""The classes of problem records (问题学籍类别): a closed list, and which outcome opens which."""

from enum import StrEnum

from contracts.outcomes import Outcome


class ProblemClass(StrEnum):
    """What is wrong with a record; a new member is a breaking change."""

    DOCUMENT_TWICE_ONE_PERSON = "document_twice_one_person"
    DOCUMENT_TWICE_TWO_PERSONS = "document_twice_two_persons"
    DOCUMENT_NOT_ON_FILE = "document_not_on_file"
    DOCUMENT_NAME_MISMATCH = "document_name_mismatch"
    DOCUMENT_CHANGED = "document_changed"
    DOCUMENT_MISSING = "document_missing"
    DOCUMENT_INVALID = "document_invalid"
    PERSON_TWICE = "person_twice"
    ROSTER_MISMATCH = "roster_mismatch"
    DEATH_MARK = "death_mark"


CLASS_LABELS = {
    ProblemClass.DOCUMENT_TWICE_ONE_PERSON: "身份证件号重复（同一人）",
    ProblemClass.DOCUMENT_TWICE_TWO_PERSONS: "身份证件号重复（非同一人）",
    ProblemClass.DOCUMENT_NOT_ON_FILE: "身份证件号错误（不存在）",
    ProblemClass.DOCUMENT_NAME_MISMATCH: "身份证件号错误（与姓名不匹配）",
    ProblemClass.DOCUMENT_CHANGED: "身份证件号错误（已发生变更）",
    ProblemClass.DOCUMENT_MISSING: "身份证件号错误（缺失）",
    ProblemClass.DOCUMENT_INVALID: "身份证件号错误（填写有误）",
    ProblemClass.PERSON_TWICE: "姓名、性别、出生日期重复",
    ProblemClass.ROSTER_MISMATCH: "人籍不一致",
    ProblemClass.DEATH_MARK: "死亡标识待核实",
}

# An outcome without a class (MATCH, NOT_APPLICABLE, UNKNOWN) opens nothing.
CLASS_OF = {
    Outcome.NAME_MISMATCH: ProblemClass.DOCUMENT_NAME_MISMATCH,
    Outcome.NOT_ON_FILE: ProblemClass.DOCUMENT_NOT_ON_FILE,
    Outcome.INVALID_CLAIM: ProblemClass.DOCUMENT_INVALID,
    Outcome.DECEASED: ProblemClass.DEATH_MARK,
}
OUTCOME_OF = {problem_class: outcome for outcome, problem_class in CLASS_OF.items()}

# What a later MATCH of the same claim proves to be over.
ENDED_BY_A_MATCH = frozenset(
    {
        ProblemClass.DOCUMENT_NOT_ON_FILE,
        ProblemClass.DOCUMENT_NAME_MISMATCH,
        ProblemClass.DOCUMENT_INVALID,
    }
)
DUPLICATES = frozenset(
    {
        ProblemClass.DOCUMENT_TWICE_ONE_PERSON,
        ProblemClass.DOCUMENT_TWICE_TWO_PERSONS,
        ProblemClass.PERSON_TWICE,
    }
)
CONFIDENTIAL = frozenset({ProblemClass.DEATH_MARK})
