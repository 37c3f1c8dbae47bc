"""A change of a person's number, as the evidence keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.evidence import Action, Actor, Entry, Subject
from gateway.sealing import DataKey, Sealer


@dataclass(frozen=True, slots=True)
class Renumbered:
    """A person whose number has just changed, from and to what, and the key that seals it."""

    person_id: str
    key_id: str
    key: DataKey = field(repr=False)
    told: Mapping[str, str] = field(repr=False)
    reason: str
    decider: str

    def entry(self, sealer: Sealer, actor: Actor, purpose: str, case: str = "") -> Entry:
        """What is put on record: that it changed and why, the numbers under the person's key."""
        ref = sealer.index("child", self.person_id)
        return Entry(
            action=Action.NUMBER_CHANGED,
            outcome=self.reason,
            actor=actor,
            purpose=purpose,
            basis="",
            case=case,
            object_ref=self.person_id,
            request_id=self.person_id,
            subjects=(Subject(ref, self.key_id, self.key, self.told, row=1),),
        )
