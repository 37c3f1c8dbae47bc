"""Answers the two registers lay out alike: receipts, change feeds, directories, workbooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from adapters.wire import Said
from contracts.capabilities import ByDocument, ByGuardian, ByNumber, ByPerson, Question, Receipt
from contracts.records import Institution

Code = Annotated[str, Field(pattern=r"\A[0-9]{10}\z")]
# JSON carries instants as text; strict models would not read them.
Instant = Annotated[AwareDatetime, Field(strict=False)]
_INSTITUTION_STATUS = {"": "open", "正常": "open", "停办": "closed", "合并": "merged"}


class Answered(Said):
    """Every answer says when the register gave it."""

    answered_at: Instant


class SaidReceipt(Said):
    """A receipt as a register writes it."""

    request_id: str = Field(min_length=1)
    receipt_id: str = Field(min_length=1)
    received_at: Instant

    def receipt(self) -> Receipt:
        """The receipt in our words."""
        return Receipt(self.request_id, self.receipt_id, self.received_at)


class Done(Answered):
    """A write was carried out."""

    receipt: SaidReceipt


class Fate(Answered):
    """What became of a request."""

    request_id: str
    state: Literal["unknown", "advanced", "undone", "created", "removed"]
    receipt: SaidReceipt | None

    @property
    def consistent(self) -> bool:
        """Whether there is a receipt exactly where the request arrived, and of that request."""
        if self.receipt is None:
            return self.state == "unknown"
        return self.state != "unknown" and self.receipt.request_id == self.request_id


class FoundRecords(Said):
    """The records that answer one question, named by its place."""

    question: int
    records: list[dict[str, Any]]


class Found(Answered):
    """An answer for each question."""

    answers: list[FoundRecords]

    def answers_all(self, count: int) -> bool:
        """Whether each of `count` questions is answered once, in the order asked."""
        return [found.question for found in self.answers] == list(range(count))


class SaidChange(Said):
    """One line of a change feed."""

    version: int = Field(ge=1)
    kind: str
    occurred_at: Instant
    previous_number: str | None
    code: str | None = Field(default=None, max_length=32)
    code_system: str | None = Field(default=None, max_length=32)
    institution_before: Code | None = None
    institution_after: Code | None = None
    request_id: str | None = Field(default=None, max_length=64)
    record: dict[str, Any]


class ChangePage(Answered):
    """A page of a change feed."""

    changes: list[SaidChange]
    cursor: int
    more: bool

    def follows(self, after: int) -> bool:
        """Whether the page goes on after this version without a gap, up to its cursor."""
        versions = [change.version for change in self.changes]
        gapless = versions == list(range(after + 1, after + 1 + len(versions)))
        return (
            gapless and self.cursor == after + len(versions) and (bool(versions) or not self.more)
        )


class SaidInstitution(Said):
    """An institution under the directory's own columns."""

    code: Code = Field(alias="机构标识码")
    name: str = Field(alias="名称")
    kind: str = Field(alias="类型")
    region: str = Field(alias="行政区划")
    authority: str = Field(alias="主管教育行政部门代码", default="")
    status: str = Field(alias="状态", default="")
    merged_into: str = Field(alias="并入机构标识码", default="")

    def institution(self) -> Institution:
        """The institution in our words; a status without a word of ours stays as it is."""
        return Institution(
            code=self.code,
            name=self.name,
            kind=self.kind,
            region=self.region,
            authority=self.authority or self.region.ljust(12, "0"),
            status=_INSTITUTION_STATUS.get(self.status, self.status),
            merged_into=self.merged_into or None,
        )


class InstitutionList(Answered):
    """Institutions of a directory."""

    institutions: list[SaidInstitution]


@dataclass(frozen=True, slots=True)
class RowReceipt:
    """One row of a workbook: its receipt, or the column at fault and the register's code."""

    row: int
    receipt: Receipt | None
    column: str = ""
    code: str = ""


class RowProblem(Said):
    """Why a row was not taken."""

    column: str
    code: str


class SaidRow(Said):
    """What became of one row of a workbook: it has a receipt or a problem."""

    row: int
    receipt: SaidReceipt | None
    problem: RowProblem | None

    def row_receipt(self) -> RowReceipt:
        """What became of the row, in our words."""
        if self.problem is not None:
            return RowReceipt(self.row, None, self.problem.column, self.problem.code)
        return RowReceipt(self.row, self.receipt.receipt() if self.receipt else None)


class TakenSheet(Answered):
    """What became of each row of a workbook."""

    request_id: str
    rows: list[SaidRow]


def question(asked: Question) -> Mapping[str, str]:
    """A question as the registers' contracts lay it out."""
    match asked:
        case ByNumber(number):
            return {"number": number}
        case ByDocument(document):
            # Kinds are recorded differently from register to register; the number alone is
            # asked for, and whoever grades the match compares the kinds.
            return {"document": document.number}
        case ByPerson(name, sex, born_on):
            return {"name": name, "sex": sex, "bornOn": born_on.isoformat()}
        case ByGuardian(document_number):
            return {"guardianDocument": document_number}
