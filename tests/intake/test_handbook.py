"""The handbook of the handover says what the program does, to the letter."""

from pathlib import Path

from gateway.intake.rules.handbook import handbook
from gateway.intake.rules.states import TRANSITIONS, Event, Hold, State

DOCUMENT = Path(__file__).parents[2] / "docs" / "handover.md"


def test_the_committed_handbook_is_the_one_of_today() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    renew = "renew it: python -m gateway.intake.rules.handbook > docs/handover.md"
    assert written == handbook(), renew


def test_every_situation_and_event_has_its_line() -> None:
    lines = handbook().splitlines()
    situations = [state.value for state in State if state is not State.HELD]
    for situation in [*situations, *(f"held:{hold}" for hold in Hold)]:
        starts = (f"| `{situation}` |", f"- `{situation}`:")
        assert sum(line.startswith(starts) for line in lines) == 2
    for event in Event:
        (line,) = [line for line in lines if line.startswith(f"| `{event}` |")]
        assert all(f"`{before}`" in line for before in TRANSITIONS[event])
