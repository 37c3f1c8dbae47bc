"""The handbook of problem records says what the program does, to the letter."""

from pathlib import Path

from gateway.verification.problems.rules.handbook import handbook
from gateway.verification.problems.rules.states import TRANSITIONS, Event, State

DOCUMENT = Path(__file__).parents[3] / "docs" / "problems.md"


def test_the_committed_handbook_is_the_one_of_today() -> None:
    renew = "renew it: python -m gateway.verification.problems.rules.handbook > docs/problems.md"
    assert DOCUMENT.read_text(encoding="utf-8") == handbook(), renew


def test_every_state_and_event_has_its_line() -> None:
    lines = handbook().splitlines()
    for state in State:
        assert sum(line.startswith((f"| `{state}` | ", f"- `{state}`:")) for line in lines) >= 2
    for event in Event:
        found = [line for line in lines if line.startswith(f"| `{event}` | ")]
        assert any(all(f"`{b}`" in line for b in TRANSITIONS[event] if b) for line in found)
