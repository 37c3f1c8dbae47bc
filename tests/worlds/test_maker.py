"""Worlds are invented, whole, and the same for the same seed."""

import csv
import filecmp
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from adapters import world as worlds
from adapters.world_maker import make_world
from adapters.world_maker.names import DOT_VARIANTS, RARE_CHARACTERS
from adapters.world_maker.places import HOMES
from contracts.citizen_number import well_formed
from contracts.code_systems import load
from tests.worlds.conftest import MadeWorld
from tests.worlds.test_outcomes import follow, open_registers

_DEMO = Path(__file__).parents[2] / "worlds" / "demo"
_PLAIN_FILES = ("schools.csv", "preschool.csv", "primary.csv", "population.csv", "README.md")
_HOLDS = {
    "data_error", "not_graduated", "in_transfer", "preschool_pending", "preschool_cancelled",
    "duplicate_preschool", "deferred", "to_confirm", "ambiguous", "claimed_elsewhere",
    "already_enrolled", "unmapped_code",
}  # fmt: skip


def test_the_demo_world_is_what_its_seed_makes(tmp_path: Path) -> None:
    make_world(tmp_path, 140, 2026)
    _, different, missing = filecmp.cmpfiles(tmp_path, _DEMO, _PLAIN_FILES, shallow=False)
    assert not different
    assert not missing
    assert lists_of(tmp_path) == lists_of(_DEMO)


def test_another_seed_makes_other_children(tmp_path: Path) -> None:
    make_world(tmp_path, 140, 2027)
    assert (tmp_path / "preschool.csv").read_bytes() != (_DEMO / "preschool.csv").read_bytes()


def test_the_demo_school_has_a_hundred_and_twenty_children_and_a_small_neighbour() -> None:
    assert [len(rows) - 1 for rows in lists_of(_DEMO).values()] == [120, 20]


@pytest.mark.parametrize("children", [60, 140])
def test_every_state_and_hold_is_on_the_first_list(tmp_path: Path, children: int) -> None:
    first = next(iter(make_world(tmp_path, children, 5).values()))
    assert {row.reason for row in first} == _HOLDS | {None}
    assert {row.state for row in first} == {"carried", "held", "listed", "create_new"}
    assert {problem for row in first for problem in row.problems} == {
        "NAME_MISMATCH",
        "NOT_ON_FILE",
    }


def test_nine_of_ten_children_of_a_large_world_are_carried(tmp_path: Path) -> None:
    promised = make_world(tmp_path, 3000, 1)
    states = Counter(row.state for rows in promised.values() for row in rows)
    assert 0.88 < states["carried"] / 3000 < 0.97


def test_every_child_of_a_plain_world_is_carried_without_a_problem(tmp_path: Path) -> None:
    rows = make_world(tmp_path, 500, 3, schools=1, plain=True)["3990000001"]
    assert len(rows) == 500
    assert {(row.state, row.reason, row.grade, row.problems) for row in rows} == {
        ("carried", None, "exact", ())
    }
    assert len({row.number for row in rows}) == 500


def test_a_plain_world_follows_the_rules_too(tmp_path: Path) -> None:
    promised = make_world(tmp_path, 60, 4, schools=1, plain=True)
    world = worlds.load(tmp_path)
    registers = open_registers(world)
    for school, expected in promised.items():
        assert tuple(follow(registers, school, world.admissions[school])) == expected


def test_citizen_numbers_are_well_formed_and_belong_to_nobody(small_world: MadeWorld) -> None:
    numbers = [row["GMSFHM"] for row in rows_of(small_world[0], "population.csv")]
    numbers += [row["监护人身份证件号码"] for row in rows_of(small_world[0], "preschool.csv")]
    assert all(well_formed(number) for number in numbers)
    assert {number[:6] for number in numbers} == {"999999", "990000"}


def test_no_two_children_share_a_citizen_number(small_world: MadeWorld) -> None:
    numbers = Counter(row["GMSFHM"] for row in rows_of(small_world[0], "population.csv"))
    assert numbers.most_common(1)[0][1] == 1


def test_homes_are_counties_of_the_region_table() -> None:
    regions = load("gbt2260-region")
    assert not [home for home in HOMES if home.code not in regions]


def test_rare_characters_and_every_dot_occur(small_world: MadeWorld) -> None:
    names = [row["姓名"] for row in rows_of(small_world[0], "preschool.csv")]
    names += [str(row[1]) for rows in lists_of(small_world[0]).values() for row in rows]
    text = "".join(names)
    assert not [sign for sign in (*RARE_CHARACTERS, *DOT_VARIANTS) if sign not in text]


def test_a_made_world_loads(small_world: MadeWorld) -> None:
    world = worlds.load(small_world[0])
    assert list(world.admissions) == ["3990000001", "3990000002"]


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "something.txt").write_text("kept")
    with pytest.raises(FileExistsError):
        make_world(tmp_path, 60, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["something.txt"]


@pytest.mark.parametrize(("children", "schools"), [(0, 1), (10, 0)])
def test_a_world_without_children_or_schools_is_refused(
    tmp_path: Path, children: int, schools: int
) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_world(tmp_path, children, 1, schools=schools)


def test_a_school_without_children_hands_in_no_list(tmp_path: Path) -> None:
    make_world(tmp_path, 6, 1, schools=2)
    assert list(worlds.load(tmp_path).admissions) == ["3990000001"]


def lists_of(folder: Path) -> dict[str, list[list[object]]]:
    return {
        path.name: list(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())
        for path in sorted((folder / "admissions").iterdir())
    }


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
