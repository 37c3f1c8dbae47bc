"""The fault plan: which call of which operation goes wrong, and how; scripted or seeded."""

from collections import Counter
from collections.abc import Collection
from random import Random

from pydantic import BaseModel, ConfigDict, Field

ANY = "*"

# Kinds every simulator knows. The operation is carried out before `slow` answers, `truncated`
# breaks off and `lost_answer` falls silent; with the others nothing is done.
TRANSPORT_KINDS = frozenset(
    {
        "slow",
        "hang",
        "reset",
        "http_500",
        "http_503",
        "html_200",
        "empty",
        "truncated",
        "lost_answer",
    }
)


class Fault(BaseModel):
    """One fault; without `nth` it strikes every call of its operation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    operation: str = ANY
    nth: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, ge=0)
    code: str = ""


class FaultPlan(BaseModel):
    """A script of faults, or a seed that strikes at a rate; empty it clears what was armed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: tuple[Fault, ...] = ()
    seed: int | None = None
    rate: float = Field(default=0.0, ge=0, le=1)
    kinds: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    seconds: float | None = Field(default=None, ge=0)
    code: str = ""


class UnknownFault(ValueError):
    """A plan names a kind or an operation that this simulator does not have."""


class Faults:
    """The armed plan, and how often each operation was called since it was armed."""

    def __init__(self, operations: Collection[str], own_kinds: Collection[str] = ()) -> None:
        self._operations = frozenset(operations)
        self._kinds = TRANSPORT_KINDS.union(own_kinds)
        self._plan = FaultPlan()
        self._calls: Counter[str] = Counter()

    def arm(self, plan: FaultPlan) -> None:
        """Replace the plan and count calls from one again; raise `UnknownFault` for a slip."""
        self._refuse_unknown(
            "kind", {*plan.kinds, *(fault.kind for fault in plan.script)} - self._kinds
        )
        named = {*plan.operations, *(fault.operation for fault in plan.script)}
        self._refuse_unknown("operation", named - self._operations - {ANY})
        self._plan = plan
        self._calls.clear()

    def strike(self, operation: str) -> Fault | None:
        """Count one call and give the fault that meets it."""
        self._calls[operation] += 1
        self._calls[ANY] += 1
        for fault in self._plan.script:
            if fault.operation in (operation, ANY) and fault.nth in (
                None,
                self._calls[fault.operation],
            ):
                return fault
        return self._chance(operation)

    def _chance(self, operation: str) -> Fault | None:
        plan = self._plan
        if plan.seed is None or not plan.kinds:
            return None
        if plan.operations and operation not in plan.operations:
            return None
        # Seeded by the call's place, so that calls in flight together do not change the draw.
        random = Random(f"{plan.seed} {operation} {self._calls[operation]}")
        if random.random() >= plan.rate:
            return None
        return Fault(kind=random.choice(sorted(plan.kinds)), seconds=plan.seconds, code=plan.code)

    @staticmethod
    def _refuse_unknown(what: str, names: set[str]) -> None:
        if names:
            raise UnknownFault(f"unknown {what}: {', '.join(sorted(names))}")
