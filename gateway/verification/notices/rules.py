"""The rules of notices: their kinds, the states of a correction, and why an act is refused."""

from enum import StrEnum

from contracts.errors import JisuiError


class NoticeKind(StrEnum):
    """What public security tells of a person."""

    RENAMED = "renamed"
    RENUMBERED = "renumbered"
    CANCELLED = "cancelled"
    RESTORED = "restored"


class State(StrEnum):
    """Where a correction stands."""

    QUARANTINED = "quarantined"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by the unit, or because the register was restored meanwhile


PENDING = frozenset({State.QUARANTINED, State.PROPOSED})


class EffectKind(StrEnum):
    """What would change, or stand in the way, were a correction confirmed."""

    RECORD_CHANGED = "record_changed"
    NUMBER_KEPT = "number_kept"
    MATCHES_DROPPED = "matches_dropped"
    PROBLEM_TOUCHED = "problem_touched"
    DEATH_MARK_OPENED = "death_mark_opened"
    DEATH_MARK_ENDED = "death_mark_ended"
    CANCELLATION_WITHDRAWN = "cancellation_withdrawn"
    VERIFIED_AGAIN = "verified_again"
    NUMBER_HELD = "number_held"  # another record has the new number: nothing may be confirmed
    ALREADY_SO = "already_so"


class Refusal(StrEnum):
    """Why an act is refused."""

    NOT_ALLOWED = "not_allowed"
    SAME_PERSON = "same_person"
    NUMBER_HELD = "number_held"
    CHAIN_CHANGED = "chain_changed"
    ERASED = "erased"


KIND_LABELS = {
    NoticeKind.RENAMED: "更名",
    NoticeKind.RENUMBERED: "公民身份号码变更",
    NoticeKind.CANCELLED: "户口注销",
    NoticeKind.RESTORED: "误注销恢复",
}
STATE_LABELS = {
    State.QUARANTINED: "待县级核实",
    State.PROPOSED: "待第二人确认",
    State.CONFIRMED: "已确认",
    State.REJECTED: "不予采纳",
    State.WITHDRAWN: "已撤回",
}
EFFECT_LABELS = {
    EffectKind.RECORD_CHANGED: "学校所持学籍的关键信息将变更",
    EffectKind.NUMBER_KEPT: "学籍号不变（学籍号不由公民身份号码推得）",
    EffectKind.MATCHES_DROPPED: "已存的“一致”结果将清除",
    EffectKind.PROBLEM_TOUCHED: "该生的问题学籍将随之复核",
    EffectKind.DEATH_MARK_OPENED: "将开立“死亡标识待核实”，只有教育行政部门可见；学籍不会自动注销",
    EffectKind.DEATH_MARK_ENDED: "“死亡标识待核实”将消除",
    EffectKind.CANCELLATION_WITHDRAWN: "尚未办结的注销通知将一并撤回",
    EffectKind.VERIFIED_AGAIN: "将重新查重并与人口库比对",
    EffectKind.NUMBER_HELD: "另一条学籍已使用新号码，须先查清，不能确认",
    EffectKind.ALREADY_SO: "学籍信息已与通知一致",
}
REFUSAL_TEXTS = {
    Refusal.NOT_ALLOWED: (
        "该通知目前的状态不允许这项操作。",
        "Its present state does not allow it.",
    ),
    Refusal.SAME_PERSON: (
        "核实与确认须由两人办理。",
        "Proposal and confirmation take two persons.",
    ),
    Refusal.NUMBER_HELD: (
        "另一条学籍已使用新号码，须先查清。",
        "Another record has the new number; that has to be settled first.",
    ),
    Refusal.CHAIN_CHANGED: (
        "核实之后情况已有变化，请重新核实。",
        "What would follow has changed since it was proposed; it has to be proposed again.",
    ),
    Refusal.ERASED: ("该生信息已删除。", "The child's data were erased."),
}


class Refused(JisuiError):
    """An act that may not be done; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
