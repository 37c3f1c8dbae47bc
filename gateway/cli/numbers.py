"""`jisui number check`: student numbers and citizen numbers, as the rules read them."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from contracts import citizen_number, code_systems
from contracts.number import InvalidNumber, NumberKind, parse
from gateway.cli.endings import NOT_SO
from gateway.cli.output import AsJson, print_result

LABELS = {
    NumberKind.FORMAL: "正式学籍号 G · formal",
    NumberKind.FORMAL_WITHOUT_DOCUMENT: "正式学籍号 J（无有效证件）· formal, without a document",
    NumberKind.TEMPORARY: "临时学籍号 L · temporary, equal in law",
    NumberKind.FOREIGN: "其他编号，原样保留 · another number, kept as it is",
    "citizen": "公民身份号码 · citizen number",
    "residence_permit": "港澳台居民居住证号码 · residence permit",
}
WARNINGS = {
    "check_character": "校验码不符 · the check character does not agree",
    "birth_date": "出生日期不是日期 · the birth date is no date",
    "region": "地区代码不在 GB/T 2260 中 · the area code is not in GB/T 2260",
}

commands = typer.Typer(help="编号 · numbers", no_args_is_help=True)


@commands.callback()
def _commands() -> None:
    """编号 · numbers."""


@commands.command()
def check(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(help="编号；不给则从标准输入逐行读 · default: lines of stdin"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """辨认并校验学籍号或身份证号；有错退出码为 1 · Tell what a number is and whether it holds."""
    given = numbers or [line.strip() for line in sys.stdin if line.strip()]
    read = [describe(number) for number in given]
    print_result({"numbers": read}, "\n".join(map(_line, read)), as_json=as_json)
    raise SystemExit(0 if all(each["valid"] for each in read) else NOT_SO)


def describe(text: str) -> dict[str, object]:
    """The number with its kind, whether it holds, and what is doubtful about it."""
    if _like_a_citizen_number(text):
        permit = citizen_number.is_residence_permit(text)
        kind = "residence_permit" if permit else "citizen"
        warnings = list(_doubts(text, permit=permit))
        return _described(text, kind, valid=citizen_number.well_formed(text), warnings=warnings)
    try:
        number = parse(text)
    except InvalidNumber:
        return _described(text, NumberKind.FORMAL, valid=False, warnings=["check_character"])
    return _described(text, number.kind, valid=True, warnings=list(number.warnings))


def _like_a_citizen_number(text: str) -> bool:
    return len(text) == 18 and text.isascii() and text[:17].isdigit() and text[17] in "0123456789Xx"


def _doubts(text: str, *, permit: bool) -> Iterator[str]:
    if citizen_number.born_on(text) is None:
        yield "birth_date"
    if citizen_number.check_character(text[:17]) != text[17]:
        yield "check_character"
    if not permit and text[:6] not in code_systems.load("gbt2260-region"):
        yield "region"


def _described(text: str, kind: str, *, valid: bool, warnings: list[str]) -> dict[str, object]:
    return {"number": text, "kind": kind, "valid": valid, "warnings": warnings}


def _line(read: dict[str, object]) -> str:
    warnings = read["warnings"]
    said = [WARNINGS[each] for each in warnings] if isinstance(warnings, list) else []
    mark = "有效 · valid" if read["valid"] else "无效 · not valid"
    return "  ".join([str(read["number"]), mark, LABELS[str(read["kind"])], *said])
