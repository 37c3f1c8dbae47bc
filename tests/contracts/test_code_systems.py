from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import code_systems
from contracts.code_systems import BrokenTable, CodeSystem, load, names

HEAD = "code,label,label_en,standard,edition,source,confidence,valid_from,valid_to"


@pytest.fixture(scope="module")
def regions() -> CodeSystem:
    return load("gbt2260-region")


@pytest.fixture(scope="module")
def systems() -> dict[str, CodeSystem]:
    return {name: load(name) for name in names()}


@pytest.mark.parametrize("name", names())
def test_every_table_loads_and_each_code_holds_once_a_day(name: str) -> None:
    system = load(name)

    assert system.spans
    assert code_systems.check(system) == []
    for spans in system.spans.values():
        for earlier, later in pairwise(spans):
            assert earlier.valid_to is not None
            assert later.valid_from is not None
            assert earlier.valid_to <= later.valid_from


@pytest.mark.parametrize("name", names())
def test_every_row_names_its_standard_source_and_confidence(name: str) -> None:
    for spans in load(name).spans.values():
        for span in spans:
            assert span.standard
            assert span.source
            assert span.confidence in code_systems.CONFIDENCES


WIDTHS = {"gbt3304-ethnic_group": 2, "gbt2260-region": 6, "gbt2659-country": 3}


@pytest.mark.parametrize(("name", "width"), WIDTHS.items())
def test_codes_keep_their_leading_zeros(name: str, width: int) -> None:
    assert {len(code) for code in load(name).spans} == {width}


@pytest.mark.parametrize(
    ("name", "code", "label"),
    [
        ("gbt2261.1-sex", "2", "女"),
        ("gbt2261.3-health", "6", "残疾"),
        ("national_form-health", "50", "残疾"),
        ("national_form-household", "1", "农业户口"),
        ("ga324.1-household", "1", "非农业家庭户口"),
        ("gbt3304-ethnic_group", "01", "汉族"),
        ("gbt3304-ethnic_group", "56", "基诺族"),
        ("gbt3304-ethnic_group", "81", "穿青人"),
        ("gbt4761-kinship", "52", "母亲"),
        ("jyt1001-sfzjlx", "B", "户口簿"),
        ("jyt1001-xsdqzt", "01", "在读"),
        ("jyt1001-xjydlb", "22", "转学（转入）"),
        ("gbt2659-country", "CHN", "中国"),
    ],
)
def test_a_code_means_what_its_standard_says(name: str, code: str, label: str) -> None:
    assert load(name).label(code) == label


def test_an_ethnic_table_is_complete(systems: dict[str, CodeSystem]) -> None:
    expected = {f"{n:02d}" for n in range(1, 57)} | {"81", "97", "98"}

    assert set(systems["gbt3304-ethnic_group"].spans) == expected


def test_00_is_no_code_of_the_education_standard_only_of_the_national_form(
    systems: dict[str, CodeSystem],
) -> None:
    assert "00" not in systems["jyt1001-gatqw"]
    assert systems["national_form-overseas"].label("00") == "非港澳台侨"


def test_a_doubtful_source_is_said_so_in_the_row(systems: dict[str, CodeSystem]) -> None:
    found = systems["national_form-disability"].find("1")

    assert found is not None
    assert found.confidence == "doubtful"


@pytest.mark.parametrize("name", [name for name in names() if name != "gbt2260-region"])
def test_no_label_or_notation_stands_for_two_codes(name: str) -> None:
    spans = [span for found in load(name).spans.values() for span in found]
    texts = {text for span in spans for text in {span.code, span.label, *span.notations}}

    assert len(texts) == sum(len({s.code, s.label, *s.notations}) for s in spans)


def test_one_country_is_found_by_each_of_its_notations(systems: dict[str, CodeSystem]) -> None:
    notations = systems["gbt2659-country"].by_notation()

    assert {notations[text] for text in ("中国", "CHN", "CN", "156")} == {"CHN"}


@pytest.mark.parametrize(
    ("code", "on", "successor"),
    [
        ("330103", date(2019, 5, 1), "330103"),  # 下城区, before Hangzhou was redrawn
        ("330103", date(2026, 9, 1), "330105"),
        ("330104", date(2021, 4, 8), "330104"),
        ("330104", date(2021, 4, 9), "330102"),
        ("542623", date(2026, 9, 1), "540481"),  # 米林: county, recoded, then a city
        ("330113", date(2019, 5, 1), None),  # 临平区 did not exist yet
        ("123456", date(2026, 9, 1), None),
    ],
)
def test_an_abolished_region_is_followed_to_who_took_over(
    regions: CodeSystem, code: str, on: date, successor: str | None
) -> None:
    assert regions.successor(code, on) == successor


def test_a_2019_birth_place_still_has_its_name(regions: CodeSystem) -> None:
    assert regions.label("330104", date(2019, 6, 1)) == "江干区"
    assert regions.label("330104", date(2026, 9, 1)) is None
    assert regions.label("330104") == "江干区"


def test_every_abolished_region_leads_to_one_that_stands_today(regions: CodeSystem) -> None:
    lost = [code for code in regions.spans if regions.successor(code, date(2026, 9, 1)) is None]

    assert lost == []


@given(st.data())
def test_a_successor_is_valid_on_the_day_and_its_own_successor(
    regions: CodeSystem, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(sorted(regions.spans)))
    on = data.draw(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
    found = regions.successor(code, on)

    if found is not None:
        assert regions.find(found, on) is not None
        assert regions.successor(found, on) == found


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("1,a,,S,,s,likely,,\n1,b,,S,,s,likely,,", "listed twice"),
        (
            "1,a,,S,,s,likely,,2020-01-02\n1,b,,S,,s,likely,2020-01-01,",
            "listed twice",
        ),
        ("1,a,,S,,s,likely,2020-1-1,", "a date must be"),
        ("1,a,,S,,s,perhaps,,", "known confidence"),
        (",a,,S,,s,likely,,", "known confidence"),
        ("1,a,,S,,s,likely", "wrong number of columns"),
        ("1,a,,S,,s,likely,,,extra", "wrong number of columns"),
    ],
)
def test_a_broken_table_is_refused_naming_the_place(tmp_path: Path, rows: str, reason: str) -> None:
    (tmp_path / "x-y.csv").write_text(f"{HEAD}\n{rows}\n", encoding="utf-8")

    with pytest.raises(BrokenTable, match=reason):
        load("x-y", tmp_path)


def test_a_table_with_other_columns_or_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-y.csv").write_text("code,label\n1,a\n", encoding="utf-8")
    (tmp_path / "x-z.csv").write_bytes(f"{HEAD}\n1,".encode() + b"\xff\n")

    for name in ("x-y", "x-z", "missing"):
        with pytest.raises(BrokenTable):
            load(name, tmp_path)


def test_a_successor_that_is_not_listed_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x-y.csv").write_text(
        f"{HEAD},replaced_by\n1,a,,S,,s,likely,,2020-01-01,2\n", encoding="utf-8"
    )

    assert code_systems.check(load("x-y", tmp_path)) == [
        "x-y: 1 is replaced by 2, which is not listed"
    ]


def test_successors_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "x-y.csv").write_text(
        f"{HEAD},replaced_by\n1,a,,S,,s,likely,,2020-01-01,2\n2,b,,S,,s,likely,,2020-01-01,1\n",
        encoding="utf-8",
    )

    assert load("x-y", tmp_path).successor("1", date(2021, 1, 1)) is None
