"""The handbook of the handover, in Markdown, made from the state machine and its wording.

`python -m gateway.intake.rules.handbook` prints it; `docs/handover.md` is that text.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

from gateway.intake.rules.situations import Wording, load_wordings
from gateway.intake.rules.states import TRANSITIONS, Event, Hold, Situation, State, holds_after

_HEAD = """\
# The handover (学籍接续): situations and what may happen in them

One child's passage into primary school is one handover. It is always in exactly one situation, and
only the events listed for a situation are possible in it; anything else is refused and changes
nothing. This page is made from the program's own tables:
`python -m gateway.intake.rules.handbook`.
"""
_EVENTS_EN = {
    Event.REPORT: "the child reports at school",
    Event.UNREPORT: "the report was a mistake",
    Event.MISS_DEADLINE: "the reporting deadline passed without it",
    Event.FIND_FAULT: "the list row itself is wrong",
    Event.CORRECT: "the row was handed in again, put right",
    Event.LACK_CONFIRMATION: "the county has not confirmed the list",
    Event.CONFIRM_LIST: "the county confirmed the list",
    Event.LOOK: "the child is looked up again",
    Event.HOLD: "looking ended in a hold",
    Event.OFFER: "one match, mapped, ready to be confirmed",
    Event.FIND_NOTHING: "no preschool record anywhere",
    Event.FINISH: "the primary record is there already; only the closing is left",
    Event.CONFIRM: "the leader confirmed, or automatic acceptance did",
    Event.CHOOSE: "a person named the record that is this child's",
    Event.REJECT: "the record found is another child's",
    Event.CARRY: "both registers gave their receipts",
    Event.LOSE_ANSWER: "a write left and no receipt came",
    Event.RECONCILE: "the other side said what became of it",
    Event.REFUSE_CLOSING: "the preschool register refused the 升学 mark",
    Event.FIND_CONFLICT: "the primary register names another holder",
    Event.REFUSE_RECORD: "the primary register calls the record itself wrong",
    Event.APPROVE: "the county approved (核准)",
    Event.RETURN: "the county returned it (核准退回)",
    Event.RESUBMIT: "handed in again after a return",
    Event.UNDO: "the county took its decision back",
    Event.REVERSE: "both registers were undone (撤销调档)",
    Event.CREATE: "the primary register's receipt for a new record arrived",
    Event.WITHDRAW: "taken off the list (移出名单)",
}


def handbook() -> str:
    """The whole page."""
    wordings = load_wordings()
    parts = (_HEAD, _situations(wordings), _events(), _after_each(wordings))
    return "\n".join(parts)


def _situations(wordings: Mapping[Situation, Wording]) -> str:
    head = (
        "## Situations\n\n| Situation | 中文 | Whose turn | Working days | What the clerk reads |"
    )
    rows = [
        f"| `{situation}` | {w.zh} | {w.turn_zh} · {w.turn_en} | {w.working_days or '–'} "
        f"| {w.clerk_zh} · {w.clerk_en} |"
        for situation, w in wordings.items()
    ]
    note = (
        "\nWhere the county approves each passage, a carried child is the county's turn.\n"
        "A wait that outlasts its working days goes up along its owner's own line: kindergarten or "
        "school, its county, its province.\n"
    )
    return "\n".join([head, "|---|---|---|--:|---|", *rows, note])


def _events() -> str:
    head = "## Events\n\n| Event | What it says | From | To |\n|---|---|---|---|"
    return "\n".join([head, *map(_event, Event), ""])


def _event(event: Event) -> str:
    before, after = _names(TRANSITIONS[event]), _names(_after(event))
    return f"| `{event}` | {_EVENTS_EN[event]} | {before} | {after} |"


def _after_each(wordings: Mapping[Situation, Wording]) -> str:
    head = "## What may happen in each situation\n"
    lines = [f"- `{situation}`: {_possible(situation)}" for situation in wordings]
    return "\n".join([head, *lines, ""])


def _possible(situation: Situation) -> str:
    events = [event for event in Event if situation in TRANSITIONS[event]]
    return ", ".join(f"`{event}`" for event in events) or "nothing; this is an end"


def _after(event: Event) -> Iterator[Situation]:
    for state in dict.fromkeys(TRANSITIONS[event].values()):
        if state is not State.HELD:
            yield Situation(state)
            continue
        yield from (Situation(state, hold) for hold in Hold if hold in holds_after(event))


def _names(situations: Iterable[Situation]) -> str:
    return ", ".join(f"`{situation}`" for situation in situations)


if __name__ == "__main__":
    sys.stdout.write(handbook())
