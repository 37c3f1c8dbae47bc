"""Whether a row may be asked about at all: faults of our own input, found before any question."""

import re
from collections.abc import Iterator

from contracts import citizen_number
from contracts.number import InvalidNumber, parse
from contracts.records import Document, Identity
from gateway.sheets.columns import (
    BORN_ON,
    DOCUMENT,
    GRADE,
    NAME,
    NO_SHOW_REASON,
    NUMBER,
    REPORTED_ON,
    ROW,
    SEX,
)
from gateway.sheets.faults import CellFault, fault
from gateway.sheets.rows import ListRow

_RESIDENT_IDENTITY_CARD = "1"  # JY/T 1001 SFZJLX
_KNOWN_SEXES = frozenset({"1", "2"})
_GRADE_ONE = re.compile(r"(?:小学)?(?:一|0?1|１)(?:年级)?|11")
# Nothing is asked with these; a fault in them is told and stops nobody.
_INCIDENTAL = frozenset({ROW, REPORTED_ON, NO_SHOW_REASON})


def check_row(row: ListRow, identity: Identity) -> tuple[CellFault, ...]:
    """What makes the row 名单信息有误; empty where the child may be looked up.

    No fault: a blank document of whatever type, passports and residence permits, J and L numbers,
    foreign aliases, and a number that differs from `G` + document.
    """
    told = {told.column for told in row.faults}
    stopping = [told for told in row.faults if told.column not in _INCIDENTAL]
    found = [found for found in _faults(row, identity) if found.column not in told]
    return (*stopping, *found)


def _faults(row: ListRow, identity: Identity) -> Iterator[CellFault]:
    if not identity.name:
        yield fault(NAME, "missing_name")
    if identity.sex not in _KNOWN_SEXES:
        yield fault(SEX, "unknown_sex")
    if identity.born_on is None:
        yield fault(BORN_ON, "unreadable_birth_date")
    if identity.document is not None and identity.document.kind == _RESIDENT_IDENTITY_CARD:
        yield from _document_faults(identity.document, identity)
    if identity.number is not None and not _acceptable(identity.number):
        yield fault(NUMBER, "number_check_character")
    if row.cells[GRADE] and not _GRADE_ONE.fullmatch(row.cells[GRADE]):
        yield fault(GRADE, "other_grade")


def _document_faults(document: Document, identity: Identity) -> Iterator[CellFault]:
    number = document.number
    if len(number) != 18:
        yield fault(DOCUMENT, "document_length")
        return
    digits = number[:17]
    right = digits.isascii() and digits.isdigit()
    if not right or citizen_number.check_character(digits) != number[17]:
        yield fault(DOCUMENT, "document_check_character")
        return
    born_on = citizen_number.born_on(number)
    if born_on is None:
        yield fault(DOCUMENT, "document_date")
    elif identity.born_on is not None and identity.born_on != born_on:
        yield fault(BORN_ON, "birth_date_differs")
    if identity.sex in _KNOWN_SEXES and identity.sex != citizen_number.sex(number):
        yield fault(SEX, "sex_differs")


def _acceptable(number: str) -> bool:
    try:
        parse(number)
    except InvalidNumber:
        return False
    return True
