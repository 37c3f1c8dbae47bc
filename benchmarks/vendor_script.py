"""The script a vendor would write: zeep and httpx, one child after another, nothing kept.

No log, no store, no retry, no matching, no resuming: it is what the gateway is measured against.
Runs by itself, so that its imports and threads are nobody else's:

    python -m benchmarks.vendor_script WORLD SCHOOL CHILDREN PRESCHOOL STUDENT_STATUS POPULATION
"""

import json
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import openpyxl
import zeep

from adapters.population.nciic.adapter import PATH
from adapters.population.nciic.contract import BINDING
from adapters.population.nciic.simulator import DEMO_LICENCE
from benchmarks.mapping import ByHand

Cells = dict[str, str]


def read_list(file: Path, children: int) -> list[Cells]:
    """The first rows of a school's list."""
    with closing(openpyxl.load_workbook(file, read_only=True)) as book:
        rows = book.worksheets[0].iter_rows(values_only=True)
        heads = [str(head) for head in next(rows)]
        return [
            dict(zip(heads, ("" if cell is None else str(cell) for cell in row), strict=False))
            for row, _ in zip(rows, range(children), strict=False)
        ]


class Systems:
    """The three systems at the end of two clients."""

    def __init__(self, preschool: str, student_status: str, population: str) -> None:
        headers = {"X-Road-Client": "CN/VENDOR"}
        self.preschool = httpx.Client(base_url=preschool, headers=headers, timeout=10)
        self.student_status = httpx.Client(base_url=student_status, headers=headers, timeout=10)
        soap = zeep.Client(f"{population}{PATH}?wsdl")
        self.nciic = soap.create_service(BINDING, f"{population}{PATH}")

    def close(self) -> None:
        """Close the connections."""
        self.preschool.close()
        self.student_status.close()


def ask(client: httpx.Client, path: str, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to a question, or an exception."""
    response = client.post(path, json=question, headers={"X-Road-Id": uuid.uuid4().hex})
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def carry(systems: Systems, school: str, row: Cells, hand: ByHand) -> None:
    """One child, from the list's row to the mark in the preschool register."""
    question = {"questions": [{"document": row["身份证件号"]}]}
    (found,) = ask(systems.preschool, "/v1/records/query", question)["answers"]
    assert not ask(systems.student_status, "/v1/students/query", question)["answers"][0]["records"]
    verify(systems, row)
    (record,) = found["records"]
    student = hand.primary(hand.canonical(record, record["学籍号"]))
    request = uuid.uuid4().hex
    new = {"requestId": request, "school": school, "student": student}
    ask(systems.student_status, "/v1/students", new)
    mark = {
        "requestId": request,
        "recordId": record["记录编号"],
        "number": record["学籍号"],
        "school": school,
        "on": time.strftime("%Y-%m-%d"),
    }
    ask(systems.preschool, "/v1/advancements", mark)


def verify(systems: Systems, row: Cells) -> None:
    """Hold one child's number and name against the population register."""
    number, name = escape(row["身份证件号"]), escape(row["姓名"])
    conditions = (
        '<?xml version="1.0" encoding="UTF-8"?><ROWS><INFO><SBM>软件公司</SBM></INFO>'
        "<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>"
        f'<ROW FSD="999999" YWLX="学籍"><GMSFHM>{number}</GMSFHM><XM>{name}</XM></ROW></ROWS>'
    )
    answer = systems.nciic.nciicCheck(inLicense=DEMO_LICENCE, inConditions=conditions)
    assert answer.count("<result_xm>一致</result_xm>") == 1, "not verified"


def main(world: str, school: str, children: str, *urls: str) -> None:
    """Carry so many children and print what it took."""
    rows = read_list(Path(world) / "admissions" / f"{school}.xlsx", int(children))
    systems, hand = Systems(*urls), ByHand()
    wall, cpu = time.perf_counter(), time.process_time()
    for row in rows:
        carry(systems, school, row, hand)
    taken = {
        "children": len(rows),
        "seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }
    systems.close()
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
