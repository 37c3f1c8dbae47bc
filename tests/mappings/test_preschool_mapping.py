from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.records import CanonicalRecord, PreschoolStatus
from mappings import Crosswalks
from mappings.tables import ROOT, Relation, load_codes, load_fields

Read = Callable[..., CanonicalRecord]

FOREIGN = {
    "国籍/地区": "德国",
    "身份证类型": "护照",
    "身份证号码": "c01x00t47",
    "港澳台侨外": "外国人",
} | dict.fromkeys(
    (
        "民族",
        "出生所在地",
        "籍贯",
        "户口性质",
        "非农业户口类型",
        "户口所在地",
        "是否独生子女",
        "是否留守儿童",
        "是否进城务工人员子女",
    ),
    "",
)


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("性别", "女", None, "2"),
        ("国籍/地区", "中国", "nationality", "CHN"),
        ("国籍/地区", "156", "nationality", "CHN"),
        ("国籍/地区", "CHN", "nationality", "CHN"),
        ("国籍/地区", "'156", "nationality", "CHN"),
        ("民族", "汉族", "ethnic_group", "01"),
        ("民族", "汉", "ethnic_group", "01"),
        ("民族", "基诺族", "ethnic_group", "56"),
        ("民族", "穿青人", "ethnic_group", "81"),
        ("民族", "外国血统", "ethnic_group", "98"),
        ("民族", "其他", "ethnic_group", "97"),
        ("民族", "无", "ethnic_group", "97"),
        ("港澳台侨外", "非港澳台侨", "overseas", "00"),
        ("港澳台侨外", "香港同胞", "overseas", "01"),
        ("户口性质", "农业户口", "household_type", "1"),
        ("户口性质", "非农业户口", "household_type", "2"),
        ("健康状况", "残疾", "health", "6"),
        ("健康状况", "有慢性病", "health", "3"),
        ("血型", "未知血型", "blood_type", "0"),
        ("血型", "O血型", "blood_type", "4"),
        ("出生所在地", "'330104", "birth_region", "330104"),
        ("出生所在地", "330104000000", "birth_region", "330104"),
        ("出生所在地", "330104005000", "birth_region", "330104005000"),
        ("户口所在地", "999999", "household_region", "999999"),
        ("就读方式", "住校", "attendance", "2"),
        ("是否留守儿童", "双亲留守儿童", "left_behind", "2"),
        ("是否孤儿", "是", "orphan", "1"),
        ("监护人身份证件类型", "军官证", "guardian_document_kind", "2"),
    ],
)
def test_a_label_becomes_its_code(
    read: Read, column: str, cell: str, field: str | None, value: str
) -> None:
    record = read({column: cell})

    assert (record.fields[field] if field else record.identity.sex) == value
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("column", "cell", "field", "system"),
    [
        ("民族", "星族", "ethnic_group", "gbt3304-ethnic_group"),
        ("民族", "01", "ethnic_group", "gbt3304-ethnic_group"),
        ("性别", "1", "sex", "gbt2261.1-sex"),
        ("户口性质", "1", "household_type", "national_form-household"),
        ("户口性质", "居民户口", "household_type", "national_form-household"),
        ("健康状况", "有生理缺陷", "health", "gbt2261.3-health"),
        ("国籍/地区", "亚特兰蒂斯", "nationality", "gbt2659-country"),
        ("出生所在地", "123456", "birth_region", "gbt2260-region"),
        ("出生所在地", "３３０１", "birth_region", "gbt2260-region"),
        ("出生所在地", "浙江省", "birth_region", "gbt2260-region"),
        ("是否孤儿", "不详", "orphan", "jyt1001-sfbz"),
        ("身份证类型", "军官证", "document_kind", "jyt1001-sfzjlx"),
        ("身份证类型", "港澳台居民居住证", "document_kind", "jyt1001-sfzjlx"),
        ("监护人身份证件类型", "港澳台居民居住证", "guardian_document_kind", "jyt1001-sfzjlx"),
    ],
)
def test_an_unlisted_value_is_reported_and_never_becomes_a_default(
    read: Read, column: str, cell: str, field: str, system: str
) -> None:
    record = read({column: cell})

    assert [(u.field, u.code_system, u.owner) for u in record.unmapped] == [
        (field, system, "学前学籍代码对照维护人")
    ]
    assert field not in record.fields


def test_one_unlisted_value_leaves_the_other_fields_alone(read: Read) -> None:
    plain, doubtful = read(), read({"民族": "星族", "身份证类型": ""})

    assert dict(plain.fields) == {**doubtful.fields, "ethnic_group": "01"}


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("居民身份证", "'99999920180101009x", ("1", "99999920180101009X")),
        ("户口簿", "999999201801010014", ("1", "999999201801010014")),
        ("户口簿", "999999201801010015", ("B", "999999201801010015")),
        ("户口簿", "浙杭0012345", ("B", "浙杭0012345")),
        ("其他", "X1", ("Z", "X1")),
        ("护照", "c01x00t47", ("A", "C01X00T47")),
        ("港澳台居民居住证", "830000202001010017", ("", "830000202001010017")),
        ("士兵证", "南字第1号", ("", "南字第1号")),
    ],
)
def test_a_document_keeps_its_label_and_number(
    read: Read, kind: str, number: str, expected: tuple[str, str]
) -> None:
    document = read({"身份证类型": kind, "身份证号码": number}).identity.document

    assert document is not None
    assert (document.kind, document.number) == expected
    assert document.label == kind


def test_a_permit_with_the_layout_of_a_citizen_number_is_not_taken_for_one(read: Read) -> None:
    document = read({"身份证类型": "户口簿", "身份证号码": "830000202001010017"}).identity.document

    assert document is not None
    assert document.kind == "B"


@pytest.mark.parametrize("blank", ["", " ", "'"])
def test_without_a_document_number_there_is_no_document(read: Read, blank: str) -> None:
    record = read({"身份证类型": "其他", "身份证号码": blank})

    assert record.identity.document is None
    assert record.fields["document_kind"] == "Z"
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("身份证类型", "身份证件类型"),
        ("身份证号码", "身份证件号"),
        ("监护人身份证件类型", "监护人证件类型"),
        ("监护人身份证件号码", "监护人身份证件号"),
        ("监护人身份证件号码", "监护人证件号码"),
        ("港澳台侨外", "港澳台侨"),
    ],
)
def test_a_column_goes_by_either_of_its_names(
    crosswalks: Crosswalks, cells: dict[str, str], one: str, other: str, provenance: Any
) -> None:
    renamed = {other if name == one else name: cell for name, cell in cells.items()}
    blank_last, blank_first = renamed | {one: ""}, {one: ""} | renamed

    plain = crosswalks.preschool.read(cells, number=None, provenance=provenance)
    for row in (renamed, blank_last, blank_first):
        assert crosswalks.preschool.read(row, number=None, provenance=provenance) == plain


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("G99999920180101009X", "G99999920180101009X"),
        ("LG12345", "LG12345"),
        ("g9x", "g9x"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_the_number_is_carried_byte_for_byte(
    read: Read, number: str | None, expected: str | None
) -> None:
    assert read(number=number).identity.number == expected


@pytest.mark.parametrize(
    "name", ["买买提‧艾力", "阿•卜", "𠮷田㛃", "\ue815某", "李\ufe00明", "ｆｕ"]
)
def test_a_name_is_kept_byte_for_byte(read: Read, name: str) -> None:
    assert read({"姓名": f" {name} "}).identity.name == name


def test_a_birth_date_that_is_none_is_absent(read: Read) -> None:
    record = read({"出生日期": "2018-2-30"})

    assert record.identity.born_on is None
    assert record.unmapped == ()


def test_a_foreign_child_may_leave_what_only_chinese_children_have(read: Read) -> None:
    record = read(FOREIGN)

    assert record.unmapped == ()
    assert record.fields["nationality"] == "DEU"
    assert not {"ethnic_group", "birth_region", "household_type"} & record.fields.keys()


@pytest.mark.parametrize(
    ("flag", "kind", "expected"),
    [("否", "", "0"), ("是", "听力", "2"), ("是", "听力残疾", "2"), ("是", "", None)],
)
def test_a_disability_is_read_from_flag_and_kind(
    read: Read, flag: str, kind: str, expected: str | None
) -> None:
    record = read({"是否残疾幼儿": flag, "残疾幼儿类别": kind})

    assert record.fields.get("disability") == expected
    assert record.fields["disabled"] == ("1" if flag == "是" else "0")
    assert record.unmapped == ()


def test_a_disability_without_the_flag_is_a_contradiction_to_look_at(read: Read) -> None:
    record = read({"是否残疾幼儿": "否", "残疾幼儿类别": "听力"})

    assert [u.field for u in record.unmapped] == ["disability"]
    assert "disability" not in record.fields


def test_what_only_the_preschool_form_knows_travels_in_the_extension(read: Read) -> None:
    assert read({"特异体质": "花粉"}).extension == {
        "班级编码": "2023D01",
        "非农业户口类型": "城市",
        "入园日期": "2021-9-1",
        "特异体质": "花粉",
    }


@pytest.mark.parametrize(
    "name", ["父亲职务", "家庭年收入", "监护人工作单位", "家庭经济情况", "zw", "GZDW", "jtnsr"]
)
def test_position_income_and_workplace_are_dropped_with_only_their_names_noted(
    read: Read, name: str
) -> None:
    record = read({name: "秘密值"})

    assert record.dropped == (name,)
    kept = (record.identity, dict(record.fields), dict(record.extension), record.unmapped)
    assert "秘密值" not in repr(kept)


def test_a_preschool_record_is_evidence_of_preschool(read: Read) -> None:
    assert read({"入园日期": ""}).fields["preschool_attended"] == "1"


def test_no_particulars_show_in_a_record_s_representation(read: Read) -> None:
    shown = repr(read())

    for secret in ("陈小满", "999999201801010014", "陈大满", "测试路"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("在园", PreschoolStatus.ENROLLED),
        ("毕业", PreschoolStatus.GRADUATED),
        ("离园", PreschoolStatus.LEFT),
        ("缓学留园", PreschoolStatus.DEFERRED),
        ("转园中", PreschoolStatus.IN_TRANSFER),
        ("待核准", PreschoolStatus.PENDING),
        ("问题学籍", PreschoolStatus.PROBLEM),
        ("注销", PreschoolStatus.CANCELLED),
        (" 升学 ", PreschoolStatus.ADVANCED),
        ("休园", None),
        ("", None),
    ],
)
def test_a_status_label_stands_for_a_status(
    crosswalks: Crosswalks, label: str, status: PreschoolStatus | None
) -> None:
    assert crosswalks.preschool.status(label) is status


def _labels(codes: str) -> st.SearchStrategy[str]:
    rows = load_codes(ROOT / "preschool" / f"{codes}.csv")
    first = {
        row.target: row.source for row in reversed(rows) if row.relation is Relation.EQUIVALENT
    }
    return st.sampled_from(sorted(first.values()))


CODED = {
    row.sources[0]: row.codes
    for row in load_fields(ROOT / "preschool" / "read.csv").rows
    if row.rule == "code"
}
TEXTS = st.text("汉字Ab·‧ 1", max_size=8).map(str.strip)
COLUMNS = st.fixed_dictionaries(
    {column: st.just("") | _labels(codes) for column, codes in CODED.items()}
    | {
        "姓名": TEXTS,
        "籍贯": TEXTS,
        "现住址": TEXTS,
        "出生日期": st.dates().map(str) | st.just(""),
        "出生所在地": st.sampled_from(["", "330104", "110101", "659012"]),
        "班级编码": TEXTS,
        "国籍/地区": st.sampled_from(["中国", "德国", "中国香港"]),
        "身份证号码": st.sampled_from(["999999201801010014", "C01X00T47"]),
        "身份证类型": _labels("document_kind"),
        "性别": st.sampled_from("男女"),
    }
)


@given(drawn=COLUMNS)
def test_a_row_read_and_written_again_is_the_same_row(
    read: Read, crosswalks: Crosswalks, cells: dict[str, str], drawn: dict[str, str]
) -> None:
    row = cells | drawn | {"残疾幼儿类别": "" if drawn["是否残疾幼儿"] != "是" else "听力"}
    row |= {"出生所在地": drawn["出生所在地"], "户口所在地": "330106"}
    row |= {"监护人身份证件号码": "990000198801010012"}

    written = crosswalks.preschool.write(read(row))

    assert written == row
    assert list(written) == list(cells)
