"""A list's rows become handovers on paper: pure, a few hundred rows at a time."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypedDict

from contracts.records import Identity
from gateway.evidence import Subject
from gateway.intake.handing_in.roll import Roll
from gateway.intake.handing_in.submission import Submission
from gateway.intake.handover import Handover
from gateway.intake.lists import CellFault, ListRow, check_row, reported, reported_on
from gateway.intake.rules.entering import enter, hand_in_again, seal_reason
from gateway.intake.rules.states import Hold
from gateway.masking import holds_a_personal_number
from gateway.people.indexes import Indexes, index_identity
from gateway.people.sealed import seal_identity
from gateway.sealing import DataKey, KeyRow, Sealer
from mappings import Crosswalks

LABEL_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of the list, understood."""

    row: ListRow
    identity: Identity
    indexes: Indexes
    faults: Sequence[CellFault]

    @property
    def reasons(self) -> list[str]:
        """What is wrong with it, as codes."""
        return [fault.reason for fault in self.faults]


@dataclass(slots=True)
class Draft:
    """What a few hundred rows come to."""

    keys: list[KeyRow] = field(default_factory=list)
    opened: dict[str, DataKey] = field(default_factory=dict)
    new: dict[str, Handover] = field(default_factory=dict)
    known: dict[str, ReadRow] = field(default_factory=dict)
    rows: list[tuple[ReadRow, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Drafts handovers."""

    crosswalks: Crosswalks
    sealer: Sealer
    identifiers: Callable[[], str]

    def draft(
        self, rows: Sequence[ListRow], submission: Submission, roll: Roll, now: datetime
    ) -> Draft:
        """New handovers for children the roll does not know, and the rows of those it does."""
        draft = Draft()
        for row in rows:
            read = self._read(row)
            handover_id = roll.find(read.indexes)
            if handover_id is None:
                handover_id = self._add(draft, read, submission, now)
            elif handover_id in draft.new:
                draft.new[handover_id] = retake(
                    draft.new[handover_id], read, draft.opened[handover_id], submission, now
                )
            else:
                draft.known[handover_id] = read
            roll.enrol(read.indexes, handover_id)
            draft.rows.append((read, handover_id))
        return draft

    def subject(self, handover_id: str, key: DataKey, row: ListRow) -> Subject:
        """The child as the entry about its list names it."""
        ref = self.sealer.index("child", handover_id)
        return Subject(ref=ref, key_id=handover_id, key=key, detail=dict(row.cells), row=row.line)

    def _read(self, row: ListRow) -> ReadRow:
        identity = self.crosswalks.admission_list.identity(row.cells)
        return ReadRow(
            row, identity, index_identity(identity, self.sealer), check_row(row, identity)
        )

    def _add(self, draft: Draft, read: ReadRow, submission: Submission, now: datetime) -> str:
        handover_id = self.identifiers()
        wrapped, key = self.sealer.new_key()
        draft.keys.append({"key_id": handover_id, "wrapped": wrapped, "created_at": now})
        draft.opened[handover_id] = key
        draft.new[handover_id] = enter(_listed(handover_id, read, key, submission, now), now)
        return handover_id


def retake(
    handover: Handover, read: ReadRow, key: DataKey, submission: Submission, now: datetime
) -> Handover:
    """A known handover after its row came once more.

    Controlled fields are never edited; but of a faulty row nobody has been asked anything yet, so
    the row put right takes its place.
    """
    if handover.hold == Hold.DATA_ERROR:
        handover = replace(
            handover, **_identifying(read.indexes), **seal_identity(read.identity, key)
        )
    return hand_in_again(
        handover,
        faults=read.reasons,
        reported=reported(read.row.cells),
        reported_on=_iso(reported_on(read.row.cells)),
        sealed_no_show_reason=seal_reason(read.row.cells["未报到原因"], key),
        confirmed=submission.confirmed,
        now=now,
    )


def row_columns(intake_id: str, read: ReadRow, handover_id: str, key: DataKey) -> dict[str, object]:
    """The row as it is kept: its cells too, sealed, where it has to be corrected."""
    cells = json.dumps(dict(read.row.cells), ensure_ascii=False).encode()
    return {
        "intake_id": intake_id,
        "line": read.row.line,
        "row": _label(read.row),
        "handover_id": handover_id,
        "faults": json.dumps([(fault.column, fault.reason) for fault in read.faults]),
        "sealed_cells": key.seal(cells, "cells") if read.faults else None,
    }


def _listed(
    handover_id: str, read: ReadRow, key: DataKey, submission: Submission, now: datetime
) -> Handover:
    return Handover(
        handover_id=handover_id,
        school=submission.school,
        area=submission.area,
        school_year=submission.school_year,
        key_id=handover_id,
        case_reference=submission.case,
        trace_id=submission.trace_id,
        faults=json.dumps(read.reasons),
        confirmed=submission.confirmed,
        reported=reported(read.row.cells),
        reported_on=_iso(reported_on(read.row.cells)),
        sealed_no_show_reason=seal_reason(read.row.cells["未报到原因"], key),
        since_at=now,
        **_identifying(read.indexes),
        **seal_identity(read.identity, key),
    )


class _Identifying(TypedDict):
    document_index: str | None
    number_index: str | None
    person_index: str


def _identifying(indexes: Indexes) -> _Identifying:
    return {
        "document_index": indexes.document,
        "number_index": indexes.number,
        "person_index": indexes.person,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _label(row: ListRow) -> str:
    """The row's 序号, which is kept in plain sight; or its line where that looks personal."""
    told = row.row
    return str(row.line) if len(told) > LABEL_LENGTH or holds_a_personal_number(told) else told
