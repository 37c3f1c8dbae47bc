"""The closed list of what a verification query can end in (核验结果)."""

from enum import StrEnum


class Outcome(StrEnum):
    """What the population register says of one claim; a new member is a breaking change."""

    MATCH = "MATCH"
    NAME_MISMATCH = "NAME_MISMATCH"
    NOT_ON_FILE = "NOT_ON_FILE"
    DECEASED = "DECEASED"
    INVALID_CLAIM = "INVALID_CLAIM"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNKNOWN = "UNKNOWN"


OUTCOME_LABELS = {
    Outcome.MATCH: "一致",
    Outcome.NAME_MISMATCH: "号码与姓名不匹配",
    Outcome.NOT_ON_FILE: "号码不存在",
    Outcome.DECEASED: "死亡标识待核实",
    Outcome.INVALID_CLAIM: "送核信息有误",
    Outcome.NOT_APPLICABLE: "不适用",
    Outcome.UNKNOWN: "未取得结果",
}

OPENS_A_PROBLEM = frozenset(
    {Outcome.NAME_MISMATCH, Outcome.NOT_ON_FILE, Outcome.DECEASED, Outcome.INVALID_CLAIM}
)
