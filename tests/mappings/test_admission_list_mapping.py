from datetime import date

import pytest

from contracts.records import Identity
from mappings import Crosswalks

ROW = {
    "序号": "1",
    "姓名": "陈小满",
    "性别": "女",
    "出生日期": "2018-01-01",
    "身份证件类型": "居民身份证",
    "身份证件号": "999999201801010022",
    "学籍号": "G999999201801010022",
    "是否报到": "是",
    "监护人证件号": "990000198801010012",
}


def identity(crosswalks: Crosswalks, **changed: str) -> Identity:
    return crosswalks.admission_list.identity(ROW | changed)


def test_a_row_states_an_identity(crosswalks: Crosswalks) -> None:
    found = identity(crosswalks)

    assert (found.name, found.sex, found.born_on) == ("陈小满", "2", date(2018, 1, 1))
    assert found.document is not None
    assert (found.document.kind, found.document.number) == ("1", "999999201801010022")
    assert found.number == "G999999201801010022"
    assert found.guardian_documents == ("990000198801010012",)


@pytest.mark.parametrize(
    "typed", ["2018-1-1", "20180101", "2018/1/1", "2018年1月1日", "'2018-01-01", "２０１８０１０１"]
)
def test_a_birth_date_is_read_however_it_was_typed(crosswalks: Crosswalks, typed: str) -> None:
    assert identity(crosswalks, 出生日期=typed).born_on == date(2018, 1, 1)


@pytest.mark.parametrize("typed", ["", "2018-02-30", "开学前", "201801"])
def test_a_birth_date_that_is_none_is_none(crosswalks: Crosswalks, typed: str) -> None:
    assert identity(crosswalks, 出生日期=typed).born_on is None


@pytest.mark.parametrize(
    ("typed", "sex"), [("男", "1"), ("女", "2"), ("1", "1"), (" 2 ", "2"), ("", "0"), ("M", "0")]
)
def test_a_sex_is_a_label_or_a_code_and_otherwise_not_known(
    crosswalks: Crosswalks, typed: str, sex: str
) -> None:
    assert identity(crosswalks, 性别=typed).sex == sex


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("1", "'99999920180101009x", ("1", "99999920180101009X")),
        ("居民身份证", "９９９９９９２０１８０１０１００９Ｘ", ("1", "99999920180101009X")),
        ("居民身份证", "830000202001010017", ("1", "830000202001010017")),
        ("户口簿", "999999201801010022", ("1", "999999201801010022")),
        ("B", "999999201801010023", ("B", "999999201801010023")),
        ("A", "c1", ("A", "C1")),
        ("其他", "X", ("Z", "X")),
        ("Z", "X", ("Z", "X")),
        ("港澳台居民居住证", "830000202001010017", ("", "830000202001010017")),
        ("军官证", "1", ("", "1")),
        ("", "1", ("", "1")),
    ],
)
def test_a_document_is_read_by_label_or_code(
    crosswalks: Crosswalks, kind: str, number: str, expected: tuple[str, str]
) -> None:
    document = identity(crosswalks, 身份证件类型=kind, 身份证件号=number).document

    assert document is not None
    assert (document.kind, document.number) == expected
    assert document.label == kind


def test_blanks_are_none(crosswalks: Crosswalks) -> None:
    found = crosswalks.admission_list.identity(dict.fromkeys(ROW, " "))

    assert found == Identity(name="", sex="0", born_on=None, document=None, number=None)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("'g99999920180101009x", "G99999920180101009X"),
        ("G999999201801010015", "G999999201801010015"),
        ("L330106201801014321", "L330106201801014321"),
        ("LG33010612345", "LG33010612345"),
        ("bj2018x", "bj2018x"),
    ],
)
def test_a_number_is_cleaned_only_where_that_makes_it_one(
    crosswalks: Crosswalks, typed: str, number: str
) -> None:
    assert identity(crosswalks, 学籍号=typed).number == number


def test_several_guardians_are_told_apart(crosswalks: Crosswalks) -> None:
    typed = "'990000198801010012、99000019880101002x"

    assert identity(crosswalks, 监护人证件号=typed).guardian_documents == (
        "990000198801010012",
        "99000019880101002X",
    )


def test_a_name_keeps_every_byte(crosswalks: Crosswalks) -> None:
    assert identity(crosswalks, 姓名=" 买买提‧艾力𠮷 ").name == "买买提‧艾力𠮷"
