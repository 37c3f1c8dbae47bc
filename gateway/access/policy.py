"""The policy: a reviewed table of what each role may do, for which purpose, how far; nothing else.

A row names an operation that touches a child together with a purpose and a reach; rows of
operations that touch no child leave the purpose blank and reach `none`. A row may say from which
day and through which day it holds: past that day there is no right, whoever forgot to renew it.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import groupby, pairwise
from pathlib import Path

from contracts.errors import JisuiError
from gateway.access.vocabulary import Operation, Purpose, Reach, Role

_Key = tuple[Role, Operation, Purpose | None]


class InvalidPolicy(JisuiError):
    """The table cannot be read or contradicts itself; nothing may be decided by it."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """How far a right reaches, and from which day through which day it holds."""

    since: date
    until: date
    reach: Reach

    def holds(self, on: date) -> bool:
        """Whether there is the right on this day."""
        return self.since <= on <= self.until


@dataclass(frozen=True, slots=True)
class Policy:
    """The table, compiled: every right there is, and which operations touch a child."""

    rights: Mapping[_Key, Sequence[Right]]
    roles: Mapping[tuple[Role, Operation], Sequence[Right]]
    touching_a_child: frozenset[Operation]

    def knows(self, role: Role, operation: Operation, on: date) -> bool:
        """Whether the role may do this at all on this day, for some purpose."""
        return any(right.holds(on) for right in self.roles.get((role, operation), ()))

    def reach(
        self, role: Role, operation: Operation, purpose: Purpose | None, on: date
    ) -> Reach | None:
        """How far the right reaches on this day; None where there is none."""
        rights = self.rights.get((role, operation, purpose), ())
        return next((right.reach for right in rights if right.holds(on)), None)


def load_policy(file: Path | None = None) -> Policy:
    """The policy in this file, else the one shipped with the gateway."""
    shipped = files("gateway.access").joinpath("policy.csv")
    try:
        text = file.read_text("utf-8") if file is not None else shipped.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InvalidPolicy(f"{file}: {type(error).__name__}") from None
    return compile_policy(text.splitlines())


def compile_policy(lines: Iterable[str]) -> Policy:
    """The policy in these lines; raise `InvalidPolicy` for a row that cannot be meant."""
    rows = sorted((_right(row) for row in csv.DictReader(lines)), key=_in_order)
    rights = {key: [right for _, right in same] for key, same in groupby(rows, lambda row: row[0])}
    for key, following in rights.items():
        _require_apart(key, following)
    childless = {operation for _, operation, purpose in rights if purpose is None}
    touching = {operation for _, operation, purpose in rights if purpose is not None}
    if both := childless & touching:
        raise InvalidPolicy(f"with and without a purpose: {sorted(both)}")
    # An operation without a row is closed to all; should one be asked, it counts as touching.
    return Policy(rights, _by_role(rights), frozenset(set(Operation) - childless))


def _right(row: Mapping[str, str]) -> tuple[_Key, Right]:
    try:
        purpose = Purpose(row["purpose"]) if row["purpose"] else None
        key = (Role(row["role"]), Operation(row["operation"]), purpose)
        since = date.fromisoformat(row["since"]) if row.get("since") else date.min
        until = date.fromisoformat(row["until"]) if row.get("until") else date.max
        right = Right(since, until, Reach(row["scope"]))
    except (KeyError, ValueError) as error:
        raise InvalidPolicy(str(error)) from error
    if (purpose is None) != (right.reach is Reach.NONE):
        raise InvalidPolicy(f"a reach needs a purpose and a purpose a reach: {key}")
    if until < since:
        raise InvalidPolicy(f"ends before it begins: {key}")
    return key, right


def _in_order(row: tuple[_Key, Right]) -> tuple[tuple[str, str, str], Right]:
    (role, operation, purpose), right = row
    return (role, operation, purpose or ""), right


def _require_apart(key: _Key, rights: Sequence[Right]) -> None:
    for earlier, later in pairwise(rights):
        if later.since <= earlier.until:
            raise InvalidPolicy(f"twice on one day: {key}")


def _by_role(
    rights: Mapping[_Key, Sequence[Right]],
) -> Mapping[tuple[Role, Operation], Sequence[Right]]:
    found: dict[tuple[Role, Operation], list[Right]] = {}
    for (role, operation, _), more in rights.items():
        found.setdefault((role, operation), []).extend(more)
    return found
