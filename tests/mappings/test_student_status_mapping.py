from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.records import CanonicalRecord, Provenance
from mappings import Crosswalks, Written

Read = Callable[..., CanonicalRecord]
Carry = Callable[..., Written]

ASKED = (
    "监护人关系",
    "年级",
    "班级",
    "入学年月",
    "入学方式",
    "通信地址",
    "家庭地址",
    "联系电话",
    "邮政编码",
)


@pytest.mark.parametrize(
    ("column", "cell", "key", "value"),
    [
        ("性别", "女", "xbm", "2"),
        ("出生日期", "'2018-1-5", "csrq", "20180105"),
        ("国籍/地区", "中国", "gjdqm", "CHN"),
        ("国籍/地区", "156", "gjdqm", "CHN"),
        ("民族", "穿青人", "mzm", "81"),
        ("港澳台侨外", "非港澳台侨", "gatqwm", "00"),
        ("户口性质", "农业户口", "hkxzm", "1"),  # GA 324.1 would have 2
        ("户口性质", "非农业户口", "hkxzm", "2"),  # and here 1
        ("健康状况", "健康或良好", "jkzkm", "10"),
        ("健康状况", "一般或较弱", "jkzkm", "20"),
        ("健康状况", "有慢性病", "jkzkm", "30"),
        ("健康状况", "残疾", "jkzkm", "50"),  # GB/T 2261.3 has 6
        ("出生所在地", "'330106", "csdm", "330106000000"),
        ("户口所在地", "330106005001", "hkszdm", "330106005001"),
        ("就读方式", "走读", "jdfsm", "1"),
        ("是否独生子女", "否", "sfdsznm", "0"),
        ("是否留守儿童", "双亲留守儿童", "sflsetm", "2"),
        ("是否进城务工人员子女", "是", "sfsqznm", "1"),
        ("是否孤儿", "是", "sfge", "1"),
        ("是否残疾幼儿", "否", "cjlxm", "0"),
        ("现住址", "测试路2号", "xzz", "测试路2号"),
        ("籍贯", "某省", "jg", "某省"),
        ("血型", "A血型", "xxm", "1"),
        ("入园日期", "2021-9-1", "sfsgxqjym", "1"),
    ],
)
def test_a_preschool_cell_becomes_what_the_national_form_takes(
    carry: Carry, column: str, cell: str, key: str, value: str
) -> None:
    written = carry({column: cell})

    assert written.fields[key] == value
    assert written.unmapped == ()


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("户口簿", "999999201801010014", "1"),
        ("户口簿", "999999201801010015", "Z"),
        ("其他", "X1", "Z"),
        ("护照", "C01X00T47", "A"),
        ("台湾居民来往大陆通行证", "12345678", "8"),
        ("其他", "", "Z"),
        ("户口簿", "", "Z"),
    ],
)
def test_a_kind_of_document_is_one_the_form_knows(
    carry: Carry, kind: str, number: str, expected: str
) -> None:
    assert carry({"身份证类型": kind, "身份证号码": number}).fields["sfzjlxm"] == expected


def test_a_permit_the_form_has_no_code_for_is_not_given_another(carry: Carry) -> None:
    written = carry({"身份证类型": "港澳台居民居住证", "身份证号码": "830000202001010017"})

    assert "sfzjlxm" not in written.fields
    assert written.fields["sfzjh"] == "830000202001010017"
    assert [u.value for u in written.unmapped] == ["港澳台居民居住证"]
    assert "身份证件类型" not in written.to_supplement


def test_the_number_is_carried_byte_for_byte(carry: Carry) -> None:
    assert carry(number="L330106201801014321").fields["grbsm"] == "L330106201801014321"


def test_the_day_of_entering_kindergarten_is_not_the_month_of_entering_school(carry: Carry) -> None:
    assert "rxny" not in carry({"入园日期": "2021-9-1"}).fields


def test_nothing_is_defaulted_and_the_school_is_told_what_to_add(carry: Carry) -> None:
    written = carry()

    assert written.to_supplement == ASKED
    assert not {"rxfsm", "rxny", "xxNjxxId", "txdz", "jtzz", "sbjdm"} & written.fields.keys()


@pytest.mark.parametrize(
    ("cells", "label"),
    [
        ({"民族": ""}, "民族"),
        ({"户口性质": ""}, "户口性质"),
        ({"出生日期": "?"}, "出生日期"),
        ({"身份证号码": ""}, "身份证件号"),
        ({"是否残疾幼儿": "是", "残疾幼儿类别": ""}, "残疾类型"),
        ({"姓名": ""}, "姓名"),
    ],
)
def test_a_missing_value_is_asked_for(carry: Carry, cells: dict[str, str], label: str) -> None:
    assert label in carry(cells).to_supplement


def test_a_foreign_child_is_not_asked_for_what_it_cannot_have(carry: Carry) -> None:
    blank = dict.fromkeys(("民族", "出生所在地", "户口性质", "户口所在地", "是否独生子女"), "")

    assert carry(blank | {"国籍/地区": "德国"}).to_supplement == ASKED
    assert len(carry(blank).to_supplement) == len(ASKED) + 5


@pytest.mark.parametrize("kind", ["其他", "户口簿", "未上户口"])
def test_a_child_without_a_document_is_not_asked_for_its_number(carry: Carry, kind: str) -> None:
    assert carry({"身份证类型": kind, "身份证号码": ""}).to_supplement == ASKED


def test_volatile_values_are_to_be_confirmed(carry: Carry) -> None:
    assert carry().confirm == (
        "健康状况",
        "现住址",
        "就读方式",
        "是否留守儿童",
        "是否进城务工人员随迁子女",
    )


@pytest.mark.parametrize(
    ("region", "flagged"), [("330104", True), ("330106", False), ("330104005000", True)]
)
def test_a_region_abolished_since_is_kept_and_to_be_confirmed(
    carry: Carry, region: str, flagged: bool
) -> None:
    written = carry({"出生所在地": region})

    assert written.fields["csdm"] == region.ljust(12, "0")
    assert ("出生地行政区划" in written.confirm) is flagged


def test_a_region_is_judged_on_the_day_the_record_was_read(
    crosswalks: Crosswalks, cells: dict[str, str]
) -> None:
    before = Provenance("preschool", datetime(2021, 4, 8, tzinfo=UTC))
    row = cells | {"出生所在地": "330104"}
    record = crosswalks.preschool.read(row, number=None, provenance=before)

    assert "出生地行政区划" not in crosswalks.student_status.write(record, number="L1").confirm


def test_the_guardian_is_a_member_of_the_family_whose_relation_is_not_known(carry: Carry) -> None:
    assert carry().fields["jtcy"] == [
        {"cyxm": "陈大满", "sfzjlxm": "1", "sfzjh": "990000198801010012", "sfjhrm": "1"}
    ]


def test_a_child_without_a_guardian_has_no_family(carry: Carry) -> None:
    blank = dict.fromkeys(("监护人姓名", "监护人身份证件类型", "监护人身份证件号码"), "")

    assert "jtcy" not in carry(blank).fields


def test_preschool_only_fields_travel_beside_the_record(carry: Carry) -> None:
    written = carry({"母亲职务": "某职"})

    assert written.extension == {
        "班级编码": "2023D01",
        "非农业户口类型": "城市",
        "入园日期": "2021-9-1",
    }
    assert written.dropped == ("母亲职务",)
    assert "某职" not in str(written.fields) + str(written.extension)


def test_an_unmapped_value_of_the_source_stays_with_what_is_written(carry: Carry) -> None:
    written = carry({"民族": "星族"})

    assert [u.field for u in written.unmapped] == ["ethnic_group"]
    assert "mzm" not in written.fields
    assert "民族" not in written.to_supplement


def test_a_code_the_form_has_no_counterpart_for_is_unmapped(
    crosswalks: Crosswalks, provenance: Provenance
) -> None:
    student = crosswalks.student_status.read({"xm": "王甲", "jdfsm": "9"}, provenance=provenance)

    written = crosswalks.student_status.write(student, number="L1")

    assert [(u.field, u.code_system) for u in written.unmapped] == [
        ("attendance", "national_form-attendance")
    ]


def test_no_particulars_show_in_the_representation(carry: Carry) -> None:
    for secret in ("陈小满", "999999201801010014", "陈大满", "2023D01"):
        assert secret not in repr(carry())


def test_what_was_written_reads_back_as_the_same_child(
    crosswalks: Crosswalks, read: Read, provenance: Provenance
) -> None:
    child = read({"出生所在地": "330104", "是否残疾幼儿": "是", "残疾幼儿类别": "听力"})
    written = crosswalks.student_status.write(child, number=child.identity.number or "")

    back = crosswalks.student_status.read(written.fields, provenance=provenance)

    assert dict(back.fields) == dict(child.fields)
    assert back.identity.document is not None
    assert back.identity.document.same_as(child.identity.document)  # type: ignore[arg-type]
    assert back.identity.guardian_documents == child.identity.guardian_documents
    assert (back.unmapped, back.dropped, dict(back.extension)) == ((), (), {})


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"mzm": "汉族"}, "ethnic_group", "01"),
        ({"mzm": "01"}, "ethnic_group", "01"),
        ({"gjdqm": "156"}, "nationality", "CHN"),
        ({"jkzkm": "50"}, "health", "6"),
        ({"jkzkm": 10}, "health", "1"),
        ({"hkxzm": "2"}, "household_type", "2"),
        ({"hkxzm": "农业户口"}, "household_type", "1"),
        ({"gatqwm": "00"}, "overseas", "00"),
        ({"csdm": "330106000000"}, "birth_region", "330106"),
        ({"cjlxm": "0"}, "disabled", "0"),
        ({"cjlxm": "2"}, "disabled", "1"),
        ({"sfdsznm": True}, "only_child", "1"),
        ({"rxny": 202409}, "enrolled_in", "202409"),
    ],
)
def test_the_register_is_read_by_code_or_by_label(
    crosswalks: Crosswalks, provenance: Provenance, fields: dict[str, Any], name: str, value: str
) -> None:
    record = crosswalks.student_status.read(fields, provenance=provenance)

    assert record.fields[name] == value
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"jkzkm": "40"}, "health"),
        ({"jkzkm": "6"}, "health"),
        ({"gatqwm": "0"}, "overseas"),
        ({"mzm": "1"}, "ethnic_group"),
        ({"sfzjlxm": "2", "sfzjh": "X"}, "document_kind"),
        ({"csdm": "33"}, "birth_region"),
    ],
)
def test_a_code_of_another_table_is_reported_not_taken(
    crosswalks: Crosswalks, provenance: Provenance, fields: dict[str, Any], name: str
) -> None:
    record = crosswalks.student_status.read(fields, provenance=provenance)

    assert [u.field for u in record.unmapped] == [name]
    assert name not in record.fields


def test_the_identity_of_a_student_is_read(crosswalks: Crosswalks, provenance: Provenance) -> None:
    fields = {
        "grbsm": "G999999201801010014",
        "xm": " 买买提‧艾力 ",
        "xbm": "男",
        "csrq": "20180101",
        "sfzjlxm": "户口簿",
        "sfzjh": "999999201801010014",
        "ywxm": None,
    }
    identity = crosswalks.student_status.read(fields, provenance=provenance).identity

    assert (identity.name, identity.sex, identity.number) == (
        "买买提‧艾力",
        "1",
        "G999999201801010014",
    )
    assert identity.born_on == date(2018, 1, 1)
    assert identity.document is not None
    assert (identity.document.kind, identity.document.label) == ("1", "户口簿")


def test_everybody_listed_as_a_guardian_can_be_searched_by(
    crosswalks: Crosswalks, provenance: Provenance
) -> None:
    family = [
        {"cyxm": "甲", "sfjhrm": "0", "sfzjh": "A0"},
        {"cyxm": "乙", "sfjhrm": "1", "sfzjh": "'a1", "gzdw": "某厂", "zw": ""},
        {"cyxm": "丙", "sfjhrm": "是", "sfzjh": "A2", "zw": "某职"},
    ]
    record = crosswalks.student_status.read({"jtcy": family}, provenance=provenance)

    assert record.identity.guardian_documents == ("A1", "A2")
    assert record.fields["guardian_name"] == "乙"
    assert record.dropped == ("jtcy[].gzdw", "jtcy[].zw")
    assert "某" not in str((record.fields, record.extension))


def test_nested_blocks_and_economy_are_left_behind_by_name(
    crosswalks: Crosswalks, provenance: Provenance
) -> None:
    fields = {"xm": "王甲", "Economics": {"jtnsr": 1}, "photos": [1], "jtnsr": 2, "xsjbh": "7"}
    record = crosswalks.student_status.read(fields, provenance=provenance)

    assert set(record.dropped) == {"Economics", "photos", "jtnsr"}
    assert record.extension == {"xsjbh": "7"}


@pytest.mark.parametrize(
    ("label", "live"),
    [
        ("在读", True),
        (" 休学 ", True),
        ("转出", False),
        ("退学", False),
        ("毕业", False),
        ("出国", False),
        ("死亡", False),
        ("失踪", False),
        ("其他离校", False),
        ("3Z", None),
        ("", None),
    ],
)
def test_a_status_tells_whether_the_child_is_a_student_there(
    crosswalks: Crosswalks, label: str, live: bool | None
) -> None:
    assert crosswalks.student_status.live(label) is live


@given(
    st.dictionaries(
        st.sampled_from(["xm", "xbm", "jtcy", "csrq", "sfzjh", "x"]),
        st.none()
        | st.text()
        | st.integers()
        | st.lists(
            st.dictionaries(st.sampled_from(["sfjhrm", "sfzjh", "zw"]), st.text() | st.none())
        ),
    )
)
def test_no_answer_of_a_register_breaks_the_reading(
    crosswalks: Crosswalks, provenance: Provenance, fields: dict[str, Any]
) -> None:
    record = crosswalks.student_status.read(fields, provenance=provenance)

    assert all(isinstance(value, str) and value for value in record.fields.values())
