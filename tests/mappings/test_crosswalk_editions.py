import shutil
from pathlib import Path

import pytest

from contracts import code_systems
from contracts.code_systems import BrokenTable
from contracts.records import Provenance
from mappings import Crosswalks
from mappings.tables import ROOT

NEW_ROW = "星族,星族,equivalent,97,其他,decided by the county\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    kept = shutil.ignore_patterns("*.py", "__pycache__", "examples")
    return Path(shutil.copytree(ROOT, tmp_path / "tables", ignore=kept))


def ethnic(crosswalks: Crosswalks, cells: dict[str, str], provenance: Provenance) -> str | None:
    row = cells | {"民族": "星族"}
    return crosswalks.preschool.read(row, number=None, provenance=provenance).fields.get(
        "ethnic_group"
    )


def add(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as lines:
        lines.write(line)


def test_a_copy_of_the_tables_is_the_same_edition(root: Path) -> None:
    assert Crosswalks(root).edition != ""
    assert Crosswalks(root).edition == Crosswalks(root).edition
    assert len(Crosswalks(root).edition) == 64


def test_an_added_row_is_a_new_edition_and_maps_what_waited(
    root: Path, cells: dict[str, str], provenance: Provenance
) -> None:
    crosswalks = Crosswalks(root)
    before = crosswalks.edition
    assert ethnic(crosswalks, cells, provenance) is None

    add(root / "preschool" / "ethnic_group.csv", NEW_ROW)

    assert crosswalks.refresh()
    assert crosswalks.edition != before
    assert ethnic(crosswalks, cells, provenance) == "97"
    assert not crosswalks.refresh()


def test_unchanged_tables_are_not_a_new_edition(root: Path) -> None:
    crosswalks = Crosswalks(root)
    before = crosswalks.preschool

    (root / "preschool" / "ethnic_group.csv").touch()

    assert not crosswalks.refresh()
    assert crosswalks.preschool is before


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("preschool/ethnic_group.csv", "汉族,汉族,equivalent,01,汉族,twice\n"),
        ("preschool/ethnic_group.csv", "星族,星族,perhaps,97,其他,x\n"),
        ("preschool/ethnic_group.csv", "星族,星族,broader,97,其他,\n"),
        ("preschool/ethnic_group.csv", "星族,星族,equivalent,,,\n"),
        ("preschool/ethnic_group.csv", "星族,星族,unmapped,97,其他,x\n"),
        ("preschool/ethnic_group.csv", "星族\n"),
        ("preschool/read.csv", "phone,电话,guess,,no,\n"),
        ("preschool/read.csv", "phone,电话,code,telephones,no,\n"),
        ("preschool/read.csv", "phone,电话,code,,no,\n"),
        ("preschool/read.csv", "phone,电话+手机,copy,,no,\n"),
        ("preschool/read.csv", "phone,电话,copy,,perhaps,\n"),
        ("preschool/status.csv", "休园,休园,equivalent,paused,,\n"),
        ("student_status/write.csv", "x,phone,listed,no-such-system,no,,,\n"),
        ("student_status/mapping.toml", "[codes\n"),
        ("canonical.csv", "one\n"),
    ],
)
def test_a_broken_table_is_refused_and_the_old_edition_stands(
    root: Path, table: str, line: str
) -> None:
    crosswalks = Crosswalks(root)
    before, mapping = crosswalks.edition, crosswalks.preschool

    add(root / table, line)

    with pytest.raises(BrokenTable):
        crosswalks.refresh()
    assert crosswalks.edition == before
    assert crosswalks.preschool is mapping
    with pytest.raises(BrokenTable):
        Crosswalks(root)


def test_a_missing_table_is_refused(root: Path) -> None:
    (root / "preschool" / "health.csv").unlink()

    with pytest.raises(BrokenTable, match=r"preschool/health\.csv"):
        Crosswalks(root)


def test_an_operator_may_keep_other_code_systems_beside_the_tables(
    root: Path, cells: dict[str, str], provenance: Provenance
) -> None:
    crosswalks = Crosswalks(root)
    row = cells | {"出生所在地": "998877"}
    shutil.copytree(code_systems.FOLDER, root / "codes")
    add(root / "codes" / "gbt2260-region.csv", "998877,虚构县,,GB/T 2260,,invented,invented,,,\n")

    assert crosswalks.refresh()

    record = crosswalks.preschool.read(row, number=None, provenance=provenance)
    assert record.fields["birth_region"] == "998877"
