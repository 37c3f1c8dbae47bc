"""A row of a list as a claim, or as the outcome that needs no asking."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from gateway.masking import holds_a_personal_number
from gateway.sealing import Sealer
from gateway.sheets.columns import BORN_ON, DOCUMENT, DOCUMENT_TYPE, NAME
from gateway.sheets.rows import ListRow
from gateway.verification.batches.repeats import Repeats
from gateway.verification.batches.rows import Answer, Pending, Row, SameAs, Standing
from gateway.verification.claims import claim_of, index_claim
from mappings import Crosswalks

REQUIRED = (NAME, DOCUMENT)
LABEL_LENGTH = 64
_RESIDENT_IDENTITY_CARD = "居民身份证"
# A workbook stores a day as how many days it lies after this one.
_SHEETS_BEGIN = date(1899, 12, 30)
_DAYS = re.compile(r"[1-9][0-9]{4}")


@dataclass(slots=True)
class Understanding:
    """Understands the rows of one batch, one after the other."""

    crosswalks: Crosswalks
    sealer: Sealer = field(repr=False)
    repeats: Repeats = field(default_factory=Repeats)
    rows: int = 0

    def read(self, listed: ListRow) -> tuple[Row, Standing]:
        """The row as it is kept, and where its answer stands: mostly, that it is to be asked."""
        self.rows += 1
        row = Row(listed.line, _label(listed), listed.cells[NAME], listed.cells[DOCUMENT])
        spoilt = [fault.reason for fault in listed.faults if fault.column in REQUIRED]
        if spoilt:
            return row, Answer(Outcome.INVALID_CLAIM, spoilt[0])
        claim = claim_of(self.crosswalks.admission_list.identity(_cells(listed)))
        if not isinstance(claim, Claim):
            return row, Answer(claim)
        asked = Row(row.line, row.label, claim.name, claim.citizen_number)
        first = self.repeats.first(index_claim(claim, self.sealer), self.rows)
        return asked, Pending() if first == self.rows else SameAs(first)


def _cells(listed: ListRow) -> dict[str, str]:
    cells = dict(listed.cells)
    cells[DOCUMENT_TYPE] = cells[DOCUMENT_TYPE] or _RESIDENT_IDENTITY_CARD
    if _DAYS.fullmatch(cells[BORN_ON]):
        born_on = _SHEETS_BEGIN + timedelta(days=int(cells[BORN_ON]))
        cells[BORN_ON] = born_on.isoformat()
    return cells


def _label(listed: ListRow) -> str:
    """The row's 序号, which is shown in pages; or its line where that looks personal."""
    told = listed.row
    kept_back = len(told) > LABEL_LENGTH or holds_a_personal_number(told)
    return str(listed.line) if kept_back else told
