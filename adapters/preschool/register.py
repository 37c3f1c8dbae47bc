"""What the simulated preschool register holds, and its rules for the 升学 mark."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from adapters.simulation.children import ChildIndex, Key, Traits, first_of, parse_day, plain
from adapters.simulation.feed import NOTHING, ChangeFeed, Said
from adapters.simulation.receipts import Accepted, Receipts
from adapters.simulation.sheets import Cells, RowRefused

ADVANCED = "升学"
_MAY_ADVANCE = frozenset({"毕业", "离园"})
_LIVE = frozenset({"在园", "毕业", "缓学留园", "转园中", "待核准", "问题学籍"})
_ATTENDING = frozenset({"在园", "缓学留园", "转园中", "待核准", "问题学籍"})
_DOCUMENT = ("身份证号码", "身份证件号")
_KIND = ("身份证类型", "身份证件类型")
_GUARDIAN = ("监护人身份证件号码", "监护人身份证件号", "监护人证件号码", "监护人证件号")
_SEX = {"男": "1", "女": "2"}


class Refused(Exception):
    """The register does not do what it was asked; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PreschoolRegister:
    """Records under the register's own ids, found by their index, with every change in the feed."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._rows: dict[str, Cells] = {}
        self._index = ChildIndex()
        self.feed = ChangeFeed()
        self.receipts = Receipts("XQHZ")
        for row in rows:
            self._keep(dict(row))

    def __iter__(self) -> Iterator[Cells]:
        """Every record, in the order they came."""
        return iter(self._rows.values())

    def find(self, key: Key) -> list[Cells]:
        """The records a question leads to."""
        return [self._rows[record_id] for record_id in self._index.find(key)]

    def roll(self, institutions: Container[str], after: str, limit: int) -> list[Cells]:
        """The records of children attending these institutions, in the order of their keys."""
        attending = (
            row
            for record_id, row in self._rows.items()
            if record_id > after
            and row["机构标识码"] in institutions
            and row["学籍状态"] in _ATTENDING
        )
        return list(islice(attending, limit))

    def advance(self, mark: Mapping[str, str], at: datetime) -> dict[str, str]:
        """Mark a record 升学 and give the receipt; the same request again gives the same one."""
        request_id, content = mark["request_id"], json.dumps(mark, sort_keys=True).encode()
        earlier = self.receipts.of(request_id)
        if earlier is not None:
            return _again(earlier, content)
        row = self._rows.get(mark["record_id"])
        _refuse_closing(row, mark)
        assert row is not None
        receipt = self.receipts.write(request_id, at)
        before = {name: row.get(name, "") for name in ("学籍状态", "升入学校标识码", "升学请求号")}
        accepted = Accepted(content, row["记录编号"], receipt, "advanced", before=before)
        self.receipts.keep(request_id, accepted)
        closed = {"学籍状态": ADVANCED, "升入学校标识码": mark["school"], "升学日期": mark["on"]}
        said = Said(ADVANCED, institution_after=mark["school"], request_id=request_id)
        self._set(row, closed | {"升学请求号": request_id}, "advanced", at, said)
        return receipt

    def undo(self, request_id: str, at: datetime) -> dict[str, str]:
        """Take a mark back and give the receipt for that; again gives the same one."""
        accepted = self.receipts.of(request_id)
        if accepted is None:
            raise Refused("request_unknown")
        if accepted.undone is None:
            accepted.undone = self.receipts.write(request_id, at)
            accepted.state = "undone"
            row = self._rows[accepted.record_id]
            restored = accepted.before | {"升学日期": ""}
            said = Said("撤销升学", request_id=request_id)
            self._set(row, restored, "advancement_undone", at, said)
        return accepted.undone

    def edit(self, find: Mapping[str, str], to: Mapping[str, str], at: datetime) -> int:
        """Change the records whose cells are as given, as the register's own staff would."""
        found = [
            row
            for row in self._rows.values()
            if all(row.get(name) == cell for name, cell in find.items())
        ]
        for row in found:
            cells = dict(to)
            said = Said.of(cells, row["机构标识码"])
            self._set(row, cells, "renumbered" if "学籍号" in to else "changed", at, said)
        return len(found)

    def take_row(
        self, institution: str, cells: Cells, request_id: str, at: datetime
    ) -> dict[str, str]:
        """A new record from a row of the 28-column workbook, awaiting approval, without number."""
        content = json.dumps(cells, sort_keys=True).encode()
        earlier = self.receipts.of(request_id)
        if earlier is not None:
            return _again(earlier, content)
        _refuse_row(cells)
        document = first_of(cells, _DOCUMENT)
        known = self.find(("document", plain(document))) if document else []
        if any(row["学籍状态"] in _LIVE for row in known):
            raise RowRefused("身份证号码", "document_taken")
        row = self._keep({"机构标识码": institution, "学籍号": "", "学籍状态": "待核准"} | cells)
        receipt = self.receipts.write(request_id, at)
        self.receipts.keep(request_id, Accepted(content, row["记录编号"], receipt, "created"))
        self.feed.append("created", row, at, said=Said("入园建籍", request_id=request_id))
        return receipt

    def _keep(self, row: Cells) -> Cells:
        row["记录编号"] = f"XQ{len(self._rows) + 1:08d}"
        self._rows[row["记录编号"]] = row
        self._index.put(row["记录编号"], _traits(row))
        return row

    def _set(
        self, row: Cells, to: Mapping[str, str], kind: str, at: datetime, said: Said = NOTHING
    ) -> None:
        number = row["学籍号"]
        row.update(to)
        self._index.put(row["记录编号"], _traits(row))
        self.feed.append(kind, row, at, number if row["学籍号"] != number else None, said)


def _traits(row: Cells) -> Traits:
    return Traits(
        number=row["学籍号"],
        document=first_of(row, _DOCUMENT),
        name=row["姓名"],
        sex=_SEX.get(row["性别"].strip(), "0"),
        born_on=row["出生日期"],
        guardians=(first_of(row, _GUARDIAN),),
    )


def _again(earlier: Accepted, content: bytes) -> dict[str, str]:
    if earlier.content != content:
        raise Refused("request_id_reused")
    if earlier.state == "undone":
        raise Refused("undone")
    return earlier.receipt


def _refuse_closing(row: Cells | None, mark: Mapping[str, str]) -> None:
    if row is None:
        raise Refused("record_unknown")
    if row["学籍号"].strip() != mark["number"]:
        raise Refused("number_differs")
    if row["学籍状态"] == ADVANCED:
        if row.get("升入学校标识码") != mark["school"]:
            raise Refused("advanced_elsewhere")
    elif row["学籍状态"] not in _MAY_ADVANCE:
        raise Refused("status_not_permitted")


def _refuse_row(cells: Cells) -> None:
    for column in ("姓名", "入园日期", "监护人姓名"):
        if not cells.get(column):
            raise RowRefused(column, "missing")
    if cells["性别"] not in _SEX:
        raise RowRefused("性别", "invalid")
    if parse_day(cells["出生日期"]) is None:
        raise RowRefused("出生日期", "invalid")
    if not first_of(cells, _DOCUMENT) and first_of(cells, _KIND) != "其他":
        raise RowRefused("身份证号码", "missing")
