"""A preview of a child that has not reported (待报到): found or not, and how it stands there."""

from dataclasses import dataclass

from pydantic import BaseModel

from contracts.records import PreschoolStatus
from gateway.database import Database
from gateway.intake.handover import Handover
from gateway.intake.steps.asking import Child, Registers
from gateway.intake.steps.search import Lookup, search
from gateway.people.numbers import People
from gateway.sealing import Sealer, load_keys

STATUS_ZH = {
    PreschoolStatus.ENROLLED: "在园",
    PreschoolStatus.GRADUATED: "毕业",
    PreschoolStatus.LEFT: "离园",
    PreschoolStatus.DEFERRED: "缓学留园",
    PreschoolStatus.IN_TRANSFER: "转园中",
    PreschoolStatus.PENDING: "待核准",
    PreschoolStatus.PROBLEM: "问题学籍",
    PreschoolStatus.CANCELLED: "注销",
    PreschoolStatus.ADVANCED: "升学",
}


class Preview(BaseModel):
    """Whether a preschool record was found, and its status; not one value of it."""

    found: bool
    grade: str
    status: str | None
    status_zh: str | None


@dataclass(frozen=True, slots=True)
class Previewing:
    """What previews need."""

    database: Database
    sealer: Sealer
    people: People
    registers: Registers

    async def preview(self, handover: Handover) -> Preview | None:
        """What a search finds now, none of it kept; None for an erased child.

        Raises `SystemFailure` where the register does not answer.
        """
        async with self.database.reading() as connection:
            keys = await load_keys(connection, [handover.key_id], self.sealer)
            if handover.key_id not in keys:
                return None
            child = Child(handover, keys[handover.key_id], handover.identity(keys[handover.key_id]))
            number = child.identity.number
            aliases = await self.people.aliases(connection, [number] if number else [])
        current = aliases.get(number, number) if number else None
        lookup = Lookup(handover.handover_id, child.identity, current)
        children = {handover.handover_id: child}
        await search([lookup], lambda asked: self.registers.find_preschool(asked, children))
        return _preview(lookup)


def _preview(lookup: Lookup) -> Preview:
    finding = lookup.finding
    # The status of several candidates would say whose they are: it is told of one alone.
    status = finding.candidates[0].record.status if len(finding.candidates) == 1 else None
    return Preview(
        found=bool(finding.candidates),
        grade=finding.grade.value,
        status=status.value if status else None,
        status_zh=STATUS_ZH[status] if status else None,
    )
