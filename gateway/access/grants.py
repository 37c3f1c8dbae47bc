"""A grant: who may do what, for which purpose, in which case, and over which children."""

from dataclasses import dataclass

from gateway.access.vocabulary import BASIS_OF, Operation, Purpose, Reach, Role
from gateway.evidence import Action, Actor, Entry


@dataclass(frozen=True, slots=True)
class Scope:
    """Over which institutions a grant reaches: one code, an area by its prefix, or none.

    `value` is an institution code, or the leading digits of a GB/T 2260 area.
    """

    reach: Reach
    value: str

    def covers(self, *, institution: str, area: str) -> bool:
        """Whether an institution, lying in a six-digit area, is within reach."""
        if self.reach is Reach.INSTITUTION:
            return institution == self.value
        return self.reach is not Reach.NONE and bool(self.value) and area.startswith(self.value)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one request was allowed, and on whose word."""

    operation: Operation
    caller: str
    institution: str
    role: Role
    scope: Scope
    trace_id: str
    user: str = ""
    case: str = ""
    purpose: Purpose | None = None
    area: str = ""  # where the caller lies, or what it governs: six digits

    @property
    def actor(self) -> Actor:
        """The acting side as the evidence names it."""
        return Actor(self.caller, self.user, self.role, self.institution)

    @property
    def basis(self) -> str:
        """The rule the purpose rests on; empty where no child is touched."""
        return BASIS_OF[self.purpose] if self.purpose else ""

    def entry(self, action: Action, outcome: str, object_ref: str = "", **content: str) -> Entry:
        """An entry by this grant's actor, purpose, basis, case and trace id."""
        return Entry(
            action=action,
            outcome=outcome,
            actor=self.actor,
            purpose=self.purpose or "",
            basis=self.basis,
            case=self.case,
            object_ref=object_ref,
            request_id=self.trace_id,
            content=content,
        )


def scope_of(reach: Reach, institution: str, area: str) -> Scope:
    """The scope of a right that reaches so far from this institution in this area."""
    match reach:
        case Reach.INSTITUTION:
            return Scope(reach, institution)
        case Reach.COUNTY:
            return Scope(reach, _significant(area))
        case Reach.PROVINCE:
            return Scope(reach, area[:2])
        case Reach.NONE:
            return Scope(reach, "")


def _significant(area: str) -> str:
    # 330106 is a county, 441900 a city without counties that acts as one; 330000, a province,
    # is the area of a public-security department, never of a county.
    if area.endswith("0000"):
        return area[:2]
    return area[:4] if area.endswith("00") else area
