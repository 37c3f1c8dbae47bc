"""What happens to a correction, as entries about its child."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.access.grants import Grant
from gateway.evidence import Action, Entry, Subject
from gateway.sealing import DataKey, Sealer
from gateway.verification.notices.notice import Correction


@dataclass(frozen=True, slots=True)
class Entries:
    """Makes the entries; what is told of the child is sealed under the child's key."""

    sealer: Sealer = field(repr=False)

    def entry(
        self,
        grant: Grant,
        action: Action,
        outcome: str,
        correction: Correction,
        key: DataKey,
        content: Mapping[str, str],
        told: Mapping[str, str],
    ) -> Entry:
        """An entry of one step or one effect."""
        detail: dict[str, object] = {"correction": correction.correction_id, **told}
        child = self.sealer.index("child", correction.subject_id)
        return Entry(
            action=action,
            outcome=outcome,
            actor=grant.actor,
            purpose=grant.purpose or "",
            basis=grant.basis,
            case=grant.case,
            object_ref=correction.correction_id,
            request_id=grant.trace_id,
            subjects=(Subject(child, correction.key_id, key, detail, 1),),
            content=dict(content),
        )
