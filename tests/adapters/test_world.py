"""Worlds are read from plain files, and a broken one says where it is broken."""

from pathlib import Path

import pytest

from adapters.world import BrokenWorld, load

SCHOOLS = "机构标识码,名称,类型,行政区划\n2199990001,虚构幼儿园,幼儿园,999999\n"
PRIMARY = (
    "学校标识码,学籍号,姓名,性别,出生日期,身份证件类型,身份证件号,学籍状态\n"
    "3199990001,G999999201801010014,试,男,2018-01-01,居民身份证,999999201801010014,在读\n"
)


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        body = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(body)
    return folder


def test_a_world_keeps_its_own_columns_and_cells(tmp_path: Path) -> None:
    world = load(write(tmp_path, schools=SCHOOLS, primary=PRIMARY))
    assert world.schools[0]["名称"] == "虚构幼儿园"
    assert world.primary[0]["学籍号"] == "G999999201801010014"
    assert "年级" not in world.primary[0]


def test_files_that_are_not_there_are_empty(tmp_path: Path) -> None:
    world = load(tmp_path)
    assert (world.schools, world.preschool, world.primary, world.population) == ((), (), (), ())
    assert dict(world.admissions) == {}


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    text = "\ufeff" + SCHOOLS.replace("\n", "\r\n") + "\r\n,,,\r\n"
    assert (
        load(write(tmp_path, schools=text)).schools
        == load(write(tmp_path, schools=SCHOOLS)).schools
    )


def test_a_line_separator_inside_a_cell_is_part_of_the_cell(tmp_path: Path) -> None:
    text = SCHOOLS.replace("虚构", "虚\u2028构")
    assert load(write(tmp_path, schools=text)).schools[0]["名称"] == "虚\u2028构幼儿园"


def test_both_ways_to_write_the_document_columns_are_known(tmp_path: Path) -> None:
    for kind, number in (("身份证类型", "身份证号码"), ("身份证件类型", "身份证件号")):
        header = f"机构标识码,学籍号,学籍状态,姓名,性别,出生日期,{kind},{number}"
        text = header + "\n2199990001,,在园,试,男,2020-1-1,,\n"
        assert load(write(tmp_path, preschool=text)).preschool[0][kind] == ""


def test_admission_lists_are_found_by_school(tmp_path: Path) -> None:
    (tmp_path / "admissions").mkdir()
    (tmp_path / "admissions" / "3199990001.xlsx").write_bytes(b"")
    assert list(load(tmp_path).admissions) == ["3199990001"]


BROKEN = [
    ("机构标识码,名称,类型\n", 1, "行政区划", "column missing"),
    ("机构标识码,名称,类型,行政区划,名称\n", 1, "名称", "column given twice"),
    (SCHOOLS + "2199990002,短,幼儿园\n", 3, "行政区划", "the row ends before this column"),
    (SCHOOLS + "2199990002,长,幼儿园,999999,多\n", 3, "", "more cells than columns"),
    (SCHOOLS + "219999,码,幼儿园,999999\n", 3, "机构标识码", "not ten digits"),
    (SCHOOLS + "２１９９９９０００２,码,幼儿园,999999\n", 3, "机构标识码", "not ten digits"),
    (SCHOOLS.encode() + "虚构".encode("gb18030") + b"\n", 3, "", "not UTF-8"),
    (SCHOOLS + '"2199990002,x', 3, "", "unexpected end of data"),
    (b"", 1, "机构标识码", "column missing"),
]


@pytest.mark.parametrize(("content", "line", "column", "reason"), BROKEN)
def test_a_broken_file_says_where_it_is_broken(
    tmp_path: Path, content: str | bytes, line: int, column: str, reason: str
) -> None:
    with pytest.raises(BrokenWorld) as caught:
        load(write(tmp_path, schools=content))
    error = caught.value
    assert (error.file, error.line, error.column) == ("schools.csv", line, column)
    assert reason in error.reason


def test_no_folder_is_no_empty_world(tmp_path: Path) -> None:
    with pytest.raises(BrokenWorld):
        load(tmp_path / "nowhere")
