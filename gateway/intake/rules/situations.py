"""What people read about each situation: its name, whose turn it is, and what to do next."""

import csv
from dataclasses import dataclass
from importlib.resources import files

from gateway.intake.rules.states import Hold, Situation, State

_ADMISSION_IN_DOUBT = frozenset(
    {Hold.ADMISSION_UNCONFIRMED, Hold.CLAIMED_ELSEWHERE, Hold.ALREADY_ENROLLED}
)
_REASSURANCE_ZH = "不影响孩子入学。"
_REASSURANCE_EN = "Admission is not affected."

_TURNS = {
    "school": ("学校", "school"),
    "county": ("县教育局", "county"),
    "automatic": ("系统自动", "automatic"),
    "end": ("办结", "done"),
    "kindergarten": ("幼儿园", "kindergarten"),
    "kindergartens": ("两所幼儿园", "both kindergartens"),
    "kindergarten_county": ("幼儿园所在县", "kindergarten's county"),
    "crosswalk_owner": ("代码表维护人", "crosswalk owner"),
    "nobody": ("无需处理", "nobody"),
    "operator": ("运维", "operator"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One situation in words; `turn` lists who acts, first one first."""

    situation: Situation
    zh: str
    en: str
    turn: tuple[str, ...]
    working_days: int | None  # how long it may stay so before it is escalated
    clerk_zh: str
    clerk_en: str

    @property
    def turn_zh(self) -> str:
        """Who acts, in Chinese."""
        return "、".join(_TURNS[turn][0] for turn in self.turn)

    @property
    def turn_en(self) -> str:
        """Who acts, in English."""
        return ", ".join(_TURNS[turn][1] for turn in self.turn)


def load_wordings(*, county_approval: bool = False) -> dict[Situation, Wording]:
    """The wording of every situation, read from the table beside this module.

    Where the county approves each passage (县级核准), a carried child is the county's turn.
    """
    text = files(__package__).joinpath("situations.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    counting = [row for row in rows if county_approval or not row["county_approval"]]
    return {wording.situation: wording for wording in map(_wording, counting)}


def _wording(row: dict[str, str]) -> Wording:
    hold = Hold(row["hold"]) if row["hold"] else None
    reassure = hold is not None and hold not in _ADMISSION_IN_DOUBT
    return Wording(
        Situation(State(row["state"]), hold),
        row["zh"],
        row["en"],
        tuple(row["turn"].split(";")),
        int(row["days"]) if row["days"] else None,
        row["clerk_zh"] + (_REASSURANCE_ZH if reassure else ""),
        f"{row['clerk_en']} {_REASSURANCE_EN}" if reassure else row["clerk_en"],
    )
