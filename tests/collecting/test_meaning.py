"""What a change means: the register's own code first, else what its record shows; never a guess."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contracts.capabilities import Change
from contracts.code_systems import BrokenTable
from contracts.events import Event
from contracts.records import Identity
from gateway.collecting.meaning import Before, Code, Sides, codes_of, meaning_of
from gateway.collecting.registers import Facts
from gateway.collecting.seen import Memory
from gateway.sealing import Sealer
from mappings import Crosswalks
from mappings.changes import Meant, load
from mappings.tables import ROOT

AT = datetime(2026, 9, 1, tzinfo=UTC)
HERE, THERE = "9999990100", "9999990200"
MEMORY = Memory("student_status", Sealer(b"f" * 32, b"i" * 32))
STATUSES = ("在读", "休学", "转出", "退学", "毕业")
XJYDLB, XSBD, SCHOOL = "XJYDLB", "XSBD", "SCHOOL"


def facts(
    status: str = "在读", school: str = HERE, name: str = "试一", *, approved: bool = True
) -> Facts:
    child = Identity(name, "1", date(2019, 9, 1), None, "G999999201909010018")
    return Facts("r-1", school, status, child, approved)


def change(kind: str = "changed", code: str = "", code_system: str = "") -> Change[Facts]:
    return Change(1, kind, AT, facts(), code=code, code_system=code_system)


def seen(earlier: Facts, now: Facts) -> Before:
    return MEMORY.compare(MEMORY.seen(earlier), now, STATUSES)


NATIONAL_CODES = [
    (XJYDLB, "02", Event.HELD_BACK),
    (XJYDLB, "04", Event.SKIPPED_GRADE),
    (XJYDLB, "08", Event.CAME_HOME),
    (XJYDLB, "11", Event.SUSPENDED),
    (XJYDLB, "12", Event.RESUMED),
    (XJYDLB, "21", Event.MOVED_OUT),
    (XJYDLB, "22", Event.MOVED_IN),
    (XJYDLB, "31", Event.WITHDREW),
    (XJYDLB, "51", Event.DIED),
    (XSBD, "11", Event.CREATED),  # the same digits mean 休学 in the other set
    (XSBD, "21", Event.GRADUATED),
    (XSBD, "28", Event.DROPPED_OUT),
    (SCHOOL, "33", Event.HELD_BACK),
    (SCHOOL, "41", Event.CREATED),
]


@pytest.mark.parametrize(("code_system", "code", "event"), NATIONAL_CODES)
def test_digits_mean_what_their_own_set_says(code_system: str, code: str, event: Event) -> None:
    mapping = Crosswalks().student_changes
    (found,) = codes_of(change("changed", code, code_system), None, facts())
    assert meaning_of(mapping, found) == Meant(event)


@pytest.mark.parametrize(
    ("code_system", "code"),
    [(XJYDLB, "99"), (XJYDLB, "03"), (XSBD, "31"), ("", "11"), ("GB", "11"), (XJYDLB, "1 1")],
)
def test_what_nobody_decided_means_nothing_yet(code_system: str, code: str) -> None:
    assert meaning_of(Crosswalks().student_changes, Code(code_system, code)) is None


def test_a_move_between_classes_is_decided_to_be_no_status_change() -> None:
    assert meaning_of(Crosswalks().preschool_changes, Code("", "分班")) == Meant(None)
    assert meaning_of(Crosswalks().student_changes, Code(XJYDLB, "29")) == Meant(None)


DIFFERENCES = [
    (facts("休学"), facts("在读"), [Event.RESUMED]),
    (facts("在读"), facts("休学"), [Event.SUSPENDED]),
    (facts("退学"), facts("在读"), [Event.RESTORED]),
    (facts(school=HERE), facts(school=THERE), [Event.MOVED_IN]),
    (facts(name="试一"), facts(name="试二"), [Event.KEY_DATA_CHANGED]),
    (facts(approved=False), facts(), [Event.APPROVED]),
    (facts(), facts(approved=False), [Event.APPROVAL_REOPENED]),
    (
        facts(name="甲"),
        facts("休学", THERE, "乙"),
        [Event.MOVED_IN, Event.SUSPENDED, Event.KEY_DATA_CHANGED],
    ),
    (facts(), facts(), []),
]


@pytest.mark.parametrize(("earlier", "now", "events"), DIFFERENCES)
def test_without_a_code_the_record_shows_what_changed(
    earlier: Facts, now: Facts, events: list[Event]
) -> None:
    mapping = Crosswalks().student_changes
    codes = codes_of(change(), seen(earlier, now), now)
    assert [meaning_of(mapping, code) for code in codes] == [Meant(event) for event in events]


def test_a_status_nobody_decided_about_waits() -> None:
    now = facts("失踪")
    (code,) = codes_of(change(), seen(facts("在读"), now), now)
    assert code.code == "在读>失踪"
    assert meaning_of(Crosswalks().student_changes, code) is None


def test_the_first_sight_of_a_record_tells_where_it_stands_and_of_nothing_else() -> None:
    mapping = Crosswalks().student_changes
    meant = [meaning_of(mapping, codes_of(change(), None, facts(s))[0]) for s in ("在读", "休学")]
    assert meant == [Meant(None), Meant(Event.SUSPENDED)]


def test_what_is_remembered_of_one_child_fits_no_other_and_shows_nothing() -> None:
    one = MEMORY.seen(facts())
    other = MEMORY.seen(Facts("r-2", HERE, "在读", facts().identity))
    for name in ("record", "status", "particulars", "approval"):
        assert one[name] != other[name]  # type: ignore[literal-required]
    assert not {"在读", "试一", "r-1"} & set(map(str, one.values()))


SIDES = [
    (Event.MOVED_IN, Sides(THERE, HERE, ""), (HERE, THERE)),
    (Event.MOVED_OUT, Sides(HERE, HERE, THERE), (HERE, THERE)),
    (Event.MOVED_OUT, Sides(HERE, HERE, ""), (HERE, "")),
    (Event.MOVED_IN, Sides(HERE, "", ""), ("", HERE)),
    (Event.CREATED, Sides(HERE, "", ""), ("", HERE)),
    (Event.ADVANCED, Sides(HERE, HERE, THERE), (HERE, THERE)),
    (Event.LEFT, Sides(HERE, HERE, ""), (HERE, "")),
    (Event.SUSPENDED, Sides(HERE, HERE, ""), (HERE, HERE)),
]


@pytest.mark.parametrize(("event", "sides", "where"), SIDES)
def test_each_event_names_the_sides_it_has(
    event: Event, sides: Sides, where: tuple[str, str]
) -> None:
    assert sides.of(event) == where


@pytest.mark.parametrize(
    "row", ["77,七七,equivalent,no_such_event,某,", "77,七七,equivalent,suspended,别名,"]
)
def test_a_table_that_names_an_unknown_event_or_another_label_is_refused(
    row: str, tmp_path: Path
) -> None:
    folder = ROOT / "student_status"
    head = "source_code,source_label,relation,target_code,target_label,justification"
    (tmp_path / "change_x.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    (tmp_path / "mapping.toml").write_bytes((folder / "mapping.toml").read_bytes())
    with pytest.raises(BrokenTable):
        load(tmp_path)
