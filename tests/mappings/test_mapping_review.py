import shutil
from pathlib import Path

import pytest

from mappings.loss import Loss, as_csv, grown, load_agreed, losses
from mappings.review import check_all, show
from mappings.tables import MAPPINGS, ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    kept = shutil.ignore_patterns("*.py", "__pycache__", "examples")
    return Path(shutil.copytree(ROOT, tmp_path / "tables", ignore=kept))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_tables_have_no_faults() -> None:
    assert check_all() == []


@pytest.mark.parametrize(
    ("table", "old", "new", "problem"),
    [
        (
            "preschool/ethnic_group.csv",
            "汉族,汉族,equivalent,01,汉族,",
            "汉族,汉族,equivalent,1,汉族,",
            "ethnic_group.csv: 1 is no code of gbt3304-ethnic_group",
        ),
        (
            "preschool/household_type.csv",
            "农业户口,农业户口,equivalent,1,农业户口,",
            "农业户口,农业户口,equivalent,2,农业户口,",
            "household_type.csv: 2 has another label",
        ),
        ("preschool/read.csv", "born_on,出生日期", "birthday,出生日期", "nothing feeds born_on"),
        ("preschool/read.csv", "orphan,", "orphaned,", "orphaned is no canonical field"),
        ("preschool/read.csv", "health,健康", "orphan,健康", "orphan is fed twice"),
        ("student_status/write.csv", ",homepage,", ",phone,", "homepage is not decided about"),
        (
            "student_status/read.csv",
            "listed,gbt3304-ethnic_group",
            "listed,gbt4761-kinship",
            "ethnic_group belongs to gbt3304-ethnic_group",
        ),
        ("canonical.csv", "gbt2261.1-sex", "gbt2261.9-sex", "names an unknown code system"),
        ("preschool/status.csv", "equivalent,left", "equivalent,gone", "unknown status"),
    ],
)
def test_a_fault_of_a_table_is_named(
    root: Path, table: str, old: str, new: str, problem: str
) -> None:
    replace(root / table, old, new)

    assert any(problem in found for found in check_all(root))


def test_loss_that_grows_unannounced_is_a_fault(root: Path) -> None:
    replace(root / "preschool" / "read.csv", "native_place,籍贯,copy,", ",籍贯,omit,")

    problems = check_all(root)

    assert "LOSS.csv: loss has grown: preschool/read dropped 籍贯" in problems


def test_a_code_that_loses_meaning_is_loss(root: Path) -> None:
    replace(
        root / "preschool" / "left_behind.csv",
        "双亲留守儿童,双亲留守儿童,equivalent,2,双亲留守儿童,",
        "双亲留守儿童,双亲留守儿童,broader,1,单亲留守儿童,because",
    )

    assert (
        "LOSS.csv: loss has grown: preschool/read narrowed 是否留守儿童 双亲留守儿童 left_behind"
        in (check_all(root))
    )


def test_loss_that_shrinks_asks_only_for_a_new_list() -> None:
    agreed = load_agreed()
    shrunk = [line for line in agreed if line.fate != "defaulted"]

    assert len(grown(agreed, shrunk)) == 1
    assert "renew" in grown(agreed, shrunk)[0]
    assert grown(agreed, agreed) == []


def test_the_list_holds_what_everybody_must_know() -> None:
    found = set(losses())

    assert Loss("preschool/read", "apart", "非农业户口类型", "", "") in found
    assert Loss("preschool/read", "defaulted", "", "", "preschool_attended") in found
    assert Loss("student_status/write", "narrowed", "document_kind", "B", "sfzjlxm") in found
    assert Loss("student_status/read", "narrowed", "jkzkm", "40", "health") in found
    assert Loss("*", "dropped", "职务", "", "") in found


def test_the_agreed_list_is_committed_as_it_is_made() -> None:
    committed = (ROOT / "LOSS.csv").read_text(encoding="utf-8")

    assert committed == as_csv(losses())


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_a_mapping_is_shown_as_a_page(mapping: str) -> None:
    page = show(mapping)

    assert page.startswith("# ")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) > 10
    assert all(line.endswith("|") for line in rows)


def test_the_page_names_rule_and_reason() -> None:
    page = show("preschool")

    assert "| ethnic_group | 民族 | code | ethnic_group | chinese |" in page
    assert "| 港澳台居民居住证 | unmapped |" in page


def test_a_mapping_that_is_not_there_has_no_page() -> None:
    with pytest.raises(KeyError):
        show("postgraduates")
