"""What callers see of a batch and of its rows; of a row nothing that they did not hand in."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from contracts.outcomes import OUTCOME_LABELS, Outcome
from gateway.access.vocabulary import Role
from gateway.verification.batches.doors.desk import Outlook
from gateway.verification.batches.progress import Progress
from gateway.verification.batches.results import Result, told_of_death_marks


class OutcomeCount(BaseModel):
    """How many claims ended in one outcome."""

    outcome: Outcome
    label: str
    count: int


class BatchView(BaseModel):
    """A batch as it stands.

    Identical rows are asked once: `repeated` counts the rows that repeat another and share its
    answer; `outcomes` and `pending` count the others, so that all of them add up to `rows`.
    `calls_left` is how many calls are still to be made, null where the register is configured no
    more, until the batch has gone to another; `resumes_at` when the register can be asked
    again, where it cannot be now; `estimated_end` goes by the pace of the last minutes, the quota
    and the opening hours. On `kept_until` rows and answers are destroyed.
    """

    batch_id: str
    state: Literal["open", "paused", "cancelled", "done"]
    system: str
    open_problems: bool
    rows: int
    repeated: int
    pending: int
    outcomes: list[OutcomeCount]
    calls_left: int | None
    rows_a_second: float | None
    resumes_at: datetime | None
    estimated_end: datetime | None
    received_at: datetime
    finished_at: datetime | None
    kept_until: datetime
    destroyed: bool


class BatchRow(BaseModel):
    """One row: `row` is its 序号, `ordinal` its number among all, `line` its line in the file.

    `outcome` is null while it is pending; `same_as` is the ordinal of the row it repeats; `call`
    names the exchange in the evidence. A row that is `referred` has to be looked into by the
    county.
    """

    ordinal: int
    line: int
    row: str
    outcome: Outcome | None
    label: str
    code: str
    as_of: str | None
    call: str | None
    same_as: int | None
    referred: bool


class BatchRows(BaseModel):
    """A page of rows; ask again after `next` while it is not null."""

    rows: list[BatchRow]
    next: int | None


def view_batch(batch: Progress, outlook: Outlook, role: Role) -> BatchView:
    """The batch in words; a death mark counts as unknown for whom it is not to be told."""
    counts: Counter[Outcome] = Counter()
    for outcome, number in batch.counts.items():
        hidden = outcome is Outcome.DECEASED and not told_of_death_marks(role)
        counts[Outcome.UNKNOWN if hidden else outcome] += number
    pace = batch.rows_a_second
    return BatchView.model_validate(
        {
            "batch_id": batch.batch_id,
            "state": batch.state,
            "system": batch.system,
            "open_problems": batch.opens_problems,
            "rows": batch.rows,
            "repeated": batch.repeated,
            "pending": batch.pending,
            "outcomes": [_counted(outcome, counts[outcome]) for outcome in Outcome],
            "calls_left": outlook.calls_left,
            "rows_a_second": None if pace is None else round(pace, 1),
            "resumes_at": outlook.resumes_at,
            "estimated_end": outlook.estimated_end,
            "received_at": batch.received_at,
            "finished_at": batch.finished_at,
            "kept_until": batch.kept_until,
            "destroyed": batch.destroyed_at is not None,
        }
    )


def view_rows(results: Sequence[Result]) -> BatchRows:
    """A page of rows."""
    return BatchRows(
        rows=[_row(result) for result in results],
        next=results[-1].ordinal if results else None,
    )


def _counted(outcome: Outcome, number: int) -> OutcomeCount:
    return OutcomeCount(outcome=outcome, label=OUTCOME_LABELS[outcome], count=number)


def _row(result: Result) -> BatchRow:
    answer = result.answer
    return BatchRow(
        ordinal=result.ordinal,
        line=result.row.line,
        row=result.row.label,
        outcome=answer.outcome if answer else None,
        label=OUTCOME_LABELS[answer.outcome] if answer else "",
        code=answer.code if answer else "",
        as_of=(answer.as_of or None) if answer else None,
        call=(answer.call_id or None) if answer else None,
        same_as=result.same_as,
        referred=result.referred,
    )
