from collections.abc import Callable

from contracts.records import CanonicalRecord
from mappings import Crosswalks

Read = Callable[..., CanonicalRecord]


def row_of(crosswalks: Crosswalks, record: CanonicalRecord) -> dict[str, str]:
    cells = crosswalks.national_template.row(record, school="3399990001", number="L1")
    return dict(zip(crosswalks.national_template.columns, cells, strict=True))


def test_the_template_has_its_71_columns_in_order(crosswalks: Crosswalks) -> None:
    columns = crosswalks.national_template.columns

    assert len(columns) == 71
    assert columns[:3] == ("学籍接续标识", "学校标识码", "姓名")
    assert columns[46] == "主页地址"
    assert columns[47] == "成员1姓名"
    assert columns[-1] == "成员2职务"


def test_a_child_is_a_row_in_the_form_s_own_codes(crosswalks: Crosswalks, read: Read) -> None:
    row = row_of(crosswalks, read({"健康状况": "残疾", "户口性质": "农业户口"}))

    expected = {
        "学籍接续标识": "L1",
        "学校标识码": "3399990001",
        "姓名": "陈小满",
        "出生日期": "20180101",
        "出生地行政区划代码": "330106000000",
        "国籍/地区": "CHN",
        "港澳台侨外": "00",
        "户口性质": "1",
        "健康状况": "50",
        "是否受过学前教育": "1",
        "成员1姓名": "陈大满",
        "成员1是否监护人": "1",
        "成员1关系": "",
        "入学方式": "",
    }
    assert {name: row[name] for name in expected} == expected


def test_workplace_and_position_stay_blank(crosswalks: Crosswalks, read: Read) -> None:
    row = row_of(crosswalks, read({"成员1工作单位": "某厂", "成员1职务": "某职"}))

    assert [name for name, cell in row.items() if "某" in cell] == []


def test_an_unlisted_value_is_a_blank_cell(crosswalks: Crosswalks, read: Read) -> None:
    assert row_of(crosswalks, read({"民族": "星族"}))["民族"] == ""
