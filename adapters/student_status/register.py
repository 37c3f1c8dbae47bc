"""What the simulated student register holds, and its rules for creating and removing records."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.simulation.children import ChildIndex, Key, plain
from adapters.simulation.feed import ChangeFeed, Said
from adapters.simulation.receipts import Accepted, Receipts
from adapters.student_status.student import Student

LIVE = frozenset({"在读", "休学"})
APPROVED, UNAPPROVED = "已核准", "待核准"
ROWS_A_PAGE = 20


class Refused(Exception):
    """The register does not do what it was asked; `holder` is who stands in the way."""

    def __init__(self, code: str, holder: Student | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder


class StudentRegister:
    """Students under the register's own ids, found by their index; every change is in the feed."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._students: dict[str, Student] = {}
        self._index = ChildIndex()
        self._given = 0
        self.feed = ChangeFeed()
        self.receipts = Receipts("ZXHZ")
        for row in rows:
            optional = {"年级": row.get("年级", ""), "审核状态": row.get("审核状态") or APPROVED}
            self._keep(Student(self._next_id(), {**row, **optional}))

    def __iter__(self) -> Iterator[Student]:
        """Every student, in the order they came."""
        return iter(self._students.values())

    def find(self, key: Key) -> list[Student]:
        """The students a question leads to."""
        return [self._students[record_id] for record_id in self._index.find(key)]

    def page(self, school: str, start: int) -> tuple[int, list[Student]]:
        """How many students the school has, and twenty of them from `start` on.

        They lie in the order of their ids, which tells nothing of when they came: a student
        entered while somebody turns the pages may land on a page already turned.
        """
        ids = sorted(
            record_id
            for record_id, student in self._students.items()
            if student.row["学校标识码"] == school
        )
        return len(ids), [self._students[i] for i in ids[start : start + ROWS_A_PAGE]]

    def create(
        self, request_id: str, school: str, fields: Mapping[str, Any], at: datetime
    ) -> tuple[dict[str, str], bool]:
        """The receipt for a student entered under a carried number, and whether it is new."""
        content = json.dumps([school, fields], sort_keys=True).encode()
        earlier = self.receipts.of(request_id)
        if earlier is not None:
            return _again(earlier, content), False
        self._refuse_taken(fields)
        student = Student.received(self._next_id(), school, fields, request_id)
        self._keep(student)
        receipt = self.receipts.write(request_id, at)
        self.receipts.keep(request_id, Accepted(content, student.record_id, receipt, "created"))
        self.feed.append("created", student.spoken(), at, said=_entered(request_id))
        return receipt, True

    def remove(self, request_id: str, at: datetime) -> dict[str, str]:
        """The receipt for taking out the unapproved student entered under this id."""
        accepted = self.receipts.of(request_id)
        if accepted is None:
            raise Refused("request_unknown")
        if accepted.undone is None:
            student = self._students[accepted.record_id]
            if student.row["审核状态"] == APPROVED:
                raise Refused("approved", student)
            accepted.undone = self.receipts.write(request_id, at)
            accepted.state = "removed"
            self._index.drop(student.record_id)
            del self._students[student.record_id]
            gone = student.changed({"学籍状态": "其他离校"})
            said = Said("18", "XJYDLB", request_id=request_id)
            self.feed.append("removed", gone.spoken(), at, said=said)
        return accepted.undone

    def edit(self, find: Mapping[str, str], to: Mapping[str, str], at: datetime) -> int:
        """Change the students whose cells are as given, as the register's own staff would."""
        found = [student for student in self if find.items() <= student.shown().items()]
        for student in found:
            cells, number = dict(to), student.row["学籍号"]
            said = Said.of(cells, student.row["学校标识码"])
            self._keep(student.changed(cells))
            renumbered = to.get("学籍号", number) != number
            now = self._students[student.record_id].spoken()
            kind = "renumbered" if renumbered else "changed"
            self.feed.append(kind, now, at, number if renumbered else None, said)
        return len(found)

    def insert_rival(self, school: str, fields: Mapping[str, Any], at: datetime) -> None:
        """A student another school enters, as it does at the same moment in a race."""
        student = Student.received(self._next_id(), school, fields, "")
        self._keep(student)
        self.feed.append("created", student.spoken(), at, said=_entered())

    def _refuse_taken(self, fields: Mapping[str, Any]) -> None:
        sought = {
            "number_taken": ("number", str(fields.get("grbsm") or "").strip()),
            "document_taken": ("document", plain(str(fields.get("sfzjh") or ""))),
        }
        for code, key in sought.items():
            holder = next((s for s in self.find(key) if s.row["学籍状态"] in LIVE), None)
            if key[1] and holder is not None:
                raise Refused(code, holder)

    def _keep(self, student: Student) -> None:
        self._students[student.record_id] = student
        self._index.put(student.record_id, student.traits())

    def _next_id(self) -> str:
        self._given += 1
        return hashlib.sha256(f"student {self._given}".encode()).hexdigest()[:32]


def _entered(request_id: str | None = None) -> Said:
    return Said("11", "XSBD", request_id=request_id)


def _again(earlier: Accepted, content: bytes) -> dict[str, str]:
    if earlier.content != content:
        raise Refused("request_id_reused")
    if earlier.state == "removed":
        raise Refused("removed")
    return earlier.receipt
