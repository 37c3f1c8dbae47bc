"""The children of one look: their handovers, leases and keys, and what is searched for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.intake.handover import Handover
from gateway.intake.steps.asking import Child
from gateway.intake.steps.search import Lookup
from gateway.leases import Lease
from gateway.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Group:
    """The handovers of one step, with their keys and what is searched for each."""

    leases: Mapping[str, Lease]
    handovers: Sequence[Handover]
    keys: Mapping[str, DataKey]
    lookups: Sequence[Lookup]

    @property
    def attempts(self) -> int:
        """How often looking failed for whoever of the group has waited longest."""
        return max((lease.attempts for lease in self.leases.values()), default=0)

    def halves(self) -> tuple["Group", "Group"]:
        """The group in two; what was asked for so far is kept."""
        middle = len(self.handovers) // 2
        return self._part(slice(middle)), self._part(slice(middle, None))

    def _part(self, part: slice) -> "Group":
        handovers = self.handovers[part]
        leases = {h.handover_id: self.leases[h.handover_id] for h in handovers}
        return Group(leases, handovers, self.keys, self.lookups[part])

    def child(self, handover: Handover, lookup: Lookup) -> Child:
        """The child as calls to a register name it in the evidence."""
        return Child(handover, self.keys[handover.key_id], lookup.identity)
