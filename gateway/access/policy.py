"""The policy: a reviewed table of what each role may do, for which purpose, how far; nothing else.

A row names an operation that touches a child together with a purpose and a reach; rows of
operations that touch no child leave the purpose blank and reach `none`.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from contracts.errors import JisuiError
from gateway.access.vocabulary import Operation, Purpose, Reach, Role


class InvalidPolicy(JisuiError):
    """The table contradicts itself; nothing may be decided by it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The table, compiled: the reach of each right, and which operations touch a child."""

    reaches: Mapping[tuple[Role, Operation, Purpose | None], Reach]
    touching_a_child: frozenset[Operation]

    def knows(self, role: Role, operation: Operation) -> bool:
        """Whether the role may do this at all, for some purpose."""
        return any(key[:2] == (role, operation) for key in self.reaches)

    def reach(self, role: Role, operation: Operation, purpose: Purpose | None) -> Reach | None:
        """How far the right reaches; None where there is none."""
        return self.reaches.get((role, operation, purpose))


def load_policy() -> Policy:
    """The policy shipped with the gateway."""
    text = files("gateway.access").joinpath("policy.csv").read_text("utf-8")
    return compile_policy(text.splitlines())


def compile_policy(lines: Iterable[str]) -> Policy:
    """The policy in these lines; raise `InvalidPolicy` for a row that cannot be meant."""
    reaches: dict[tuple[Role, Operation, Purpose | None], Reach] = {}
    for row in csv.DictReader(lines):
        key, reach = _right(row)
        if key in reaches:
            raise InvalidPolicy(f"twice: {key}")
        reaches[key] = reach
    childless = {operation for _, operation, purpose in reaches if purpose is None}
    touching = {operation for _, operation, purpose in reaches if purpose is not None}
    if both := childless & touching:
        raise InvalidPolicy(f"with and without a purpose: {sorted(both)}")
    # An operation without a row is closed to all; should one be asked, it counts as touching.
    return Policy(reaches, frozenset(set(Operation) - childless))


def _right(row: Mapping[str, str]) -> tuple[tuple[Role, Operation, Purpose | None], Reach]:
    try:
        purpose = Purpose(row["purpose"]) if row["purpose"] else None
        key = (Role(row["role"]), Operation(row["operation"]), purpose)
        reach = Reach(row["scope"])
    except (KeyError, ValueError) as error:
        raise InvalidPolicy(str(error)) from error
    if (purpose is None) != (reach is Reach.NONE):
        raise InvalidPolicy(f"a reach needs a purpose and a purpose a reach: {key}")
    return key, reach
