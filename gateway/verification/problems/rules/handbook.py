"""The handbook of problem records, in Markdown, made from the program's own tables.

`python -m gateway.verification.problems.rules.handbook` prints it; `docs/problems.md` is that text.
"""

import sys
from collections.abc import Iterable

from contracts.outcomes import OUTCOME_LABELS
from gateway.verification.problems.rules.classes import (
    CLASS_LABELS,
    CONFIDENTIAL,
    OUTCOME_OF,
    ProblemClass,
)
from gateway.verification.problems.rules.remedies import REMEDIES, REMEDY_LABELS, Remedy
from gateway.verification.problems.rules.states import TRANSITIONS, Before, Event, State
from gateway.verification.problems.rules.wordings import load_wordings

_HEAD = """\
# Problem records (问题学籍): classes, states and what may happen in them

What is wrong with a child's record is noted as a finding; all findings about one record are
gathered in one problem record until it is closed. The record-holding school proposes (clerk) and
confirms (leader), the county decides, and what reaches beyond an office goes to the one above. This
page is made from the program's own tables:
`python -m gateway.verification.problems.rules.handbook`.
"""
_EVENTS_EN = {
    Event.OPEN: "something wrong was found",
    Event.OPEN_AT_COUNTY: "something was found that only offices may know of",
    Event.JOIN: "something more was found",
    Event.PROPOSE: "the clerk proposes evidence (佐证) or deletion (删除)",
    Event.PROPOSE_CHANGE: "the clerk proposes a key-data change (变更)",
    Event.PASS_CHECK: "no other child has the changed particulars and the register knows them",
    Event.FAIL_CHECK: "another child has them, or the register does not know them",
    Event.CONFIRM: "the leader confirmed; proposer and leader are two persons",
    Event.REJECT: "sent back one step, with the reason",
    Event.REFER: "handed up for arbitration (仲裁)",
    Event.ACCEPT: "evidence or deletion accepted (核办)",
    Event.ACCEPT_CHANGE: "the change accepted and put into the record",
    Event.CONFIRM_CHANGE: "the register knows the changed record",
    Event.REFUTE_CHANGE: "the register does not know the changed record",
    Event.CLEAR: "nothing stands against the record any more",
    Event.CLOSE: "an office ended it without a proposal",
}

_OPENED_BY = {
    ProblemClass.DOCUMENT_CHANGED: "号码变更 told by public security",
    ProblemClass.DOCUMENT_MISSING: "a formal number without its document, at a round",
    ProblemClass.ROSTER_MISMATCH: "a class's roster, at a round",
}


def handbook() -> str:
    """The whole page."""
    return "\n".join((_HEAD, _classes(), _states(), _events(), _after_each()))


def _classes() -> str:
    head = "## Classes\n\n| Class | 中文 | Opened by | Remedies | Seen by |"
    rows = []
    for problem_class, label in CLASS_LABELS.items():
        outcome = OUTCOME_OF.get(problem_class)
        told = _OPENED_BY.get(problem_class, "comparison of records")
        opened = f"{outcome} {OUTCOME_LABELS[outcome]}" if outcome else told
        admitted = [remedy for remedy in Remedy if remedy in REMEDIES[problem_class]]
        remedies = "、".join(REMEDY_LABELS[remedy] for remedy in admitted) or "–"
        seen = "offices" if problem_class in CONFIDENTIAL else "school and offices"
        rows.append(f"| `{problem_class}` | {label} | {opened} | {remedies} | {seen} |")
    return "\n".join([head, "|---|---|---|---|---|", *rows, ""])


def _states() -> str:
    head = "## States\n\n| State | 中文 | Whose turn | Working days | What is read |"
    rows = [
        f"| `{state}` | {w.zh} | {w.turn_zh} · {w.turn} | {w.working_days or '–'} "
        f"| {w.next_zh} · {w.next_en} |"
        for state, w in load_wordings().items()
    ]
    note = (
        "\nA wait that outlasts its working days goes up along its owner's line: school, county, "
        "province.\nA case whose two records lie in different counties is the province's, across "
        "provinces the ministry's.\nThe ministry alone lets a record under a G number be deleted.\n"
    )
    return "\n".join([head, "|---|---|---|--:|---|", *rows, note])


def _events() -> str:
    head = "## Events\n\n| Event | What it says | From | To |\n|---|---|---|---|"
    return "\n".join([head, *map(_event, Event), ""])


def _event(event: Event) -> str:
    moves = TRANSITIONS[event]
    return (
        f"| `{event}` | {_EVENTS_EN[event]} | {_names(moves)} "
        f"| {_names(dict.fromkeys(moves.values()))} |"
    )


def _after_each() -> str:
    lines = [f"- `{state}`: {_possible(state)}" for state in State]
    return "\n".join(["## What may happen in each state\n", *lines, ""])


def _possible(state: State) -> str:
    events = [event for event in Event if state in TRANSITIONS[event]]
    return ", ".join(f"`{event}`" for event in events) or "nothing; this is the end"


def _names(states: Iterable[Before]) -> str:
    return ", ".join(f"`{state}`" if state else "–" for state in states)


if __name__ == "__main__":
    sys.stdout.write(handbook())
