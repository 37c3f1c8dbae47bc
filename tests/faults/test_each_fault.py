"""Every kind of fault on every operation of every register, struck at each call.

By default an operation meets its share of the kinds; a write meets all that leave it in doubt.
`FAULTS_ALL=1` leaves nothing out.
"""

import os

import pytest

from adapters.population.nciic.simulated_faults import OWN_FAULTS as OF_THE_POLICE
from adapters.simulation.answers import OWN_FAULTS as OF_THE_REGISTERS
from adapters.simulation.faults import TRANSPORT_KINDS
from tests.crash.installation import Installation
from tests.crash.village import Listed
from tests.faults.trial import Plans, endure

ALL = bool(os.environ.get("FAULTS_ALL"))
OPERATIONS = {
    "preschool": ("query", "advance", "lookup", "changes", "institutions"),
    "student_status": ("query", "create", "lookup", "changes", "institutions"),
    "population": ("nciicCheck",),
}
WRITES = ("create", "advance")
KINDS = {
    "preschool": sorted(TRANSPORT_KINDS | OF_THE_REGISTERS),
    "student_status": sorted(TRANSPORT_KINDS | OF_THE_REGISTERS),
    "population": sorted(TRANSPORT_KINDS | set(OF_THE_POLICE)),
}
SECONDS = {"slow": 0.1, "hang": 5.0}
# The lookups are asked only where a write's answer was lost.
ALONE = {"lookup": {"preschool": "advance", "student_status": "create"}}
# These could be taken for a verdict on somebody.
MISLEADING = frozenset(
    {"wrong_person", "reordered", "contradictory", "number_denied", "missing_row"}
)
# After these nobody can tell whether a write was carried out.
DOUBTFUL = ("lost_answer", "truncated", "hang", "http_500")
ERROR_CODES = ("-10", "-31", "-53", "-54", "-90")


def _struck(system: str, operation: str) -> list[str]:
    """The kinds that meet this operation: all, or a share that no other operation has."""
    kinds = KINDS[system]
    if ALL:
        return kinds
    if system == "population":
        return [*(kind for kind in kinds if kind in MISLEADING), *kinds[::6]]
    share = kinds[OPERATIONS[system].index(operation) :: len(OPERATIONS[system])]
    return list(dict.fromkeys([*DOUBTFUL, *share])) if operation in WRITES else share


CASES = [(system, operation) for system, names in OPERATIONS.items() for operation in names]


@pytest.mark.parametrize(("system", "operation"), CASES)
async def test_a_fault_at_every_call_loses_nobody_and_misjudges_nobody(
    town: Installation, listed: Listed, system: str, operation: str
) -> None:
    for kind in _struck(system, operation):
        await endure(town, listed, _plan(system, operation, kind))


async def test_an_error_of_the_police_is_no_verdict(town: Installation, listed: Listed) -> None:
    for code in ERROR_CODES:
        plan = {"script": [{"kind": "error_code", "code": code}]}
        await endure(town, listed, {"population": plan})


def _plan(system: str, operation: str, kind: str) -> Plans:
    script = [_fault(operation, kind)]
    before = ALONE.get(operation, {}).get(system)
    if before is not None:
        script.append({"operation": before, "kind": "lost_answer", "nth": 1})
    return {system: {"script": script}}


def _fault(operation: str, kind: str) -> dict[str, object]:
    fault: dict[str, object] = {"operation": operation, "kind": kind}
    return fault | ({"seconds": SECONDS[kind]} if kind in SECONDS else {})
