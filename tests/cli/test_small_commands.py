"""Commands that look something up or make something: what they print and how they end."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.registry import SYSTEMS
from gateway.cli import numbers, promises, tables
from gateway.cli.daemons import parse_ports
from gateway.cli.demonstration import DEMO_PORTS
from mappings import review
from tests.cli.conftest import Ended
from tests.cli.terminal import ROOT

Jisui = Callable[..., Ended]


@pytest.mark.parametrize(
    ("text", "kind", "valid", "warnings"),
    [
        ("G11010519491231002X", "G", True, []),
        ("G110105194912310021", "G", False, ["check_character"]),
        ("J110105194912310021", "J", True, ["check_character"]),
        ("L110105194912310021", "L", True, []),
        ("2026999901000001", "foreign", True, []),
        ("11010519491231002X", "citizen", True, []),
        ("11010519491231002x", "citizen", False, ["check_character"]),
        ("123456202013010014", "citizen", False, ["birth_date", "check_character", "region"]),
        ("810000199408230021", "residence_permit", True, []),
    ],
)
def test_a_number_is_told_by_its_layout(
    text: str, kind: str, valid: bool, warnings: list[str]
) -> None:
    said = {"number": text, "kind": kind, "valid": valid, "warnings": warnings}
    assert numbers.describe(text) == said


def test_numbers_come_from_the_arguments_or_line_by_line(
    jisui: Jisui, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed, _ = jisui("number", "check", "L110105194912310021", "11010519491231002X")
    assert code == 0
    assert [line.split()[0] for line in printed.splitlines()] == [
        "L110105194912310021",
        "11010519491231002X",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("G110105194912310021\n\n2026999901000001\n"))
    code, printed, _ = jisui("number", "check", "--json")
    assert code == 1
    assert [each["valid"] for each in json.loads(printed)["numbers"]] == [False, True]


def test_a_mapping_is_shown_as_a_page(jisui: Jisui) -> None:
    code, printed, _ = jisui("mappings", "show", "preschool")
    assert code == 0
    assert printed.rstrip("\n") == review.show("preschool").rstrip("\n")
    assert json.loads(jisui("mappings", "show", "preschool", "--json")[1])["mapping"] == "preschool"


def test_a_mapping_that_is_not_there_is_refused_with_those_that_are(jisui: Jisui) -> None:
    code, printed, said = jisui("mappings", "show", "nowhere")
    assert (code, printed) == (2, "")
    assert "student_status" in said


def test_tables_that_are_wrong_are_told_and_end_with_1(
    jisui: Jisui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "check_all", lambda: ["read.csv: a row too many"])
    assert jisui("mappings", "check")[:2] == (1, "read.csv: a row too many\n")
    code, printed, _ = jisui("mappings", "check", "--json")
    assert (code, json.loads(printed)["holds"]) == (1, False)
    monkeypatch.setattr(review, "check_all", lambda: [])
    assert jisui("mappings", "check")[0] == 0
    assert tables.commands.registered_commands


def test_a_promise_is_written_and_kept_or_told_to_be_broken(
    jisui: Jisui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises, "PUBLISHED", tmp_path)
    code, printed, _ = jisui("contracts", "check", "--json")
    assert code == 1
    assert json.loads(printed)["broken"]
    assert jisui("contracts", "check", "--write")[0] == 0
    document = json.loads((tmp_path / "openapi.json").read_text("utf-8"))
    assert {"/v1/intakes", "/v1/numbers/resolve", "/v1/token"} <= document["paths"].keys()
    assert jisui("contracts", "check")[0] == 0


def test_a_world_is_made_once_into_an_empty_folder(jisui: Jisui, tmp_path: Path) -> None:
    arguments = ("world", "make", tmp_path / "new", "--children", 12, "--seed", 3, "--plain")
    code, printed, _ = jisui(*arguments, "--json")
    made = json.loads(printed)
    assert code == 0
    assert {row["state"] for rows in made["expected"].values() for row in rows} == {"carried"}
    schools = sorted(path.stem for path in (tmp_path / "new" / "admissions").iterdir())
    assert schools == sorted(school for school, rows in made["expected"].items() if rows)
    code, printed, said = jisui(*arguments)
    assert (code, printed) == (2, "")
    assert "new" in said


def test_ports_are_given_in_one_order() -> None:
    assert parse_ports("9101,9102,9103") == {
        "preschool": 9101,
        "student_status": 9102,
        "population": 9103,
    }
    assert parse_ports("1, 2,3,4")["enrolment_platform"] == 4
    assert parse_ports(DEMO_PORTS) == {system.name: system.port for system in SYSTEMS}


@pytest.mark.parametrize(
    "text", ["1,2", "1,2,3,4,5", "1,2,x", "1,2,65536", "1,1,2", "0,1,2", "١,2,3"]
)
def test_ports_that_cannot_be_are_refused(jisui: Jisui, tmp_path: Path, text: str) -> None:
    code, printed, _ = jisui("simulate", "--world", tmp_path, "--ports", text)
    assert (code, printed) == (2, "")


def test_the_containers_have_the_licence_that_the_simulator_wants() -> None:
    assert (ROOT / "docker" / "demo.licence").read_text("utf-8") == DEMO_LICENCE + "\n"
