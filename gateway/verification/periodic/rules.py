"""The rules of a round: its states, what counts as a difference, why an act is refused."""

from enum import StrEnum

from contracts.errors import JisuiError


class RoundState(StrEnum):
    """Where a round stands."""

    RUNNING = "running"
    CLOSING = "closing"  # records on no roster are being noted
    CLOSED = "closed"


class RosterState(StrEnum):
    """Where a class's roster stands."""

    OPEN = "open"  # the clerk marks it child by child
    CONFIRMED = "confirmed"  # up for the leader
    SIGNED = "signed"


class Presence(StrEnum):
    """What somebody who looked found of one child."""

    PRESENT = "present"
    LEFT = "left"
    UNKNOWN = "unknown"


class Difference(StrEnum):
    """How children and records may differ (人籍不一致)."""

    NO_RECORD = "no_record"
    NOT_ON_ROSTER = "not_on_roster"
    LEFT = "left"
    UNKNOWN = "unknown"
    IDENTITY = "identity"


class Refusal(StrEnum):
    """Why an act is refused."""

    NOT_RUNNING = "not_running"
    OVERLAPPING = "overlapping"
    CLASS_SIGNED = "class_signed"
    UNKNOWN_RECORD = "unknown_record"
    LISTED_TWICE = "listed_twice"
    NOT_YOUR_TURN = "not_your_turn"
    UNKNOWN_PLACE = "unknown_place"
    UNMARKED = "unmarked"
    SAME_PERSON = "same_person"


PRESENCE_LABELS = {Presence.PRESENT: "在校", Presence.LEFT: "已离校", Presence.UNKNOWN: "去向不明"}
DIFFERENCE_LABELS = {
    Difference.NO_RECORD: "有人无籍",
    Difference.NOT_ON_ROSTER: "有籍无人（未在花名册）",
    Difference.LEFT: "有籍无人（已离校）",
    Difference.UNKNOWN: "去向不明",
    Difference.IDENTITY: "身份信息不一致",
}
ROSTER_LABELS = {
    RosterState.OPEN: "核对中",
    RosterState.CONFIRMED: "待主管领导签字",
    RosterState.SIGNED: "已签字",
}
ROUND_LABELS = {
    RoundState.RUNNING: "进行中",
    RoundState.CLOSING: "汇总中",
    RoundState.CLOSED: "已结束",
}
# In Chinese first, then in English.
REFUSAL_TEXTS = {
    Refusal.NOT_RUNNING: ("本轮核验已结束。", "The round is over."),
    Refusal.OVERLAPPING: (
        "本学期已有一轮核验覆盖您的地区或其中一部分。",
        "A round of this semester covers your area or part of it already.",
    ),
    Refusal.CLASS_SIGNED: ("该班花名册已确认或签字。", "The roster is confirmed or signed."),
    Refusal.UNKNOWN_RECORD: ("花名册中有不属于本校的学籍。", "A record is not this school's."),
    Refusal.LISTED_TWICE: (
        "同一学籍在花名册中出现两次，或已在另一班的花名册中。",
        "A record is listed twice or stands on another class's roster.",
    ),
    Refusal.NOT_YOUR_TURN: ("花名册目前的状态不允许这项操作。", "Its state does not allow this."),
    Refusal.UNKNOWN_PLACE: ("花名册中没有这个序号。", "The roster has no such place."),
    Refusal.UNMARKED: ("还有学生未逐一核对。", "Not every child has been looked at."),
    Refusal.SAME_PERSON: ("核对与签字须由两人办理。", "Looking and signing take two persons."),
}


class Refused(JisuiError):
    """An act that may not be done; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def difference_of(presence: Presence, difference: str) -> Difference | None:
    """How a child that was looked at differs from its record; None where it does not.

    Whoever left differs by that, whatever else does; a child without a record that is not there
    either differs from nothing.
    """
    if difference == Difference.NO_RECORD:
        return Difference.NO_RECORD if presence is Presence.PRESENT else None
    if presence is not Presence.PRESENT:
        return Difference(presence.value)
    return Difference(difference) if difference else None


def overlap(reach: str, other: str) -> bool:
    """Whether two areas, by their leading digits, share a county."""
    return reach.startswith(other) or other.startswith(reach)
