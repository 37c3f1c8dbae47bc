"""What we caused and a register tells of is one change: known by the request that caused it."""

from datetime import UTC, date, datetime

import pytest

from contracts.capabilities import Change
from contracts.records import Identity
from gateway.collecting.echoes import is_approved_here, is_echo
from gateway.collecting.registers import Facts
from gateway.intake.rules.states import State

AT = datetime(2026, 9, 1, tzinfo=UTC)
OURS = {"h1-1": State.REGISTERED, "h2-1": State.CARRIED}


def facts(request_id: str | None = None) -> Facts:
    child = Identity("试一", "1", date(2019, 9, 1), None, None)
    return Facts("r-1", "9999990100", "在读", child, request_id=request_id)


def change(kind: str, request_id: str | None = None) -> Change[Facts]:
    return Change(1, kind, AT, facts(), request_id=request_id)


@pytest.mark.parametrize("kind", ["created", "removed", "advanced", "advancement_undone"])
def test_what_our_request_did_is_ours_by_the_change_or_by_its_record(kind: str) -> None:
    assert is_echo(change(kind, "h1-1"), facts(), OURS)
    assert is_echo(change(kind), facts("h1-1"), OURS)
    assert not is_echo(change(kind, "h9-1"), facts(), OURS)
    assert not is_echo(change(kind), facts(), OURS)


def test_what_a_school_changes_later_in_a_record_we_made_is_its_own_doing() -> None:
    assert not is_echo(change("changed"), facts("h1-1"), OURS)
    assert not is_echo(change("renumbered"), facts("h1-1"), OURS)


def test_an_approval_is_told_again_only_where_nobody_gave_it_through_us() -> None:
    assert is_approved_here(facts("h1-1"), OURS, ["approved"])
    assert not is_approved_here(facts("h2-1"), OURS, ["approved"])
    assert not is_approved_here(facts(), OURS, ["approved"])
    assert not is_approved_here(facts("h1-1"), OURS, ["key_data"])
