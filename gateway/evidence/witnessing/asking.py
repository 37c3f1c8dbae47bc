"""Asks the witness to sign: tells it what grew, in parts where that is much."""

from dataclasses import dataclass, field, replace

from adapters.transport import Answer, Client, post
from contracts.errors import SystemFailure
from gateway.evidence.growing import Grown
from gateway.evidence.laying import Forked, RolledBack
from gateway.evidence.note_keys import VerifierKey, verify_cosigned
from gateway.evidence.notes import InvalidNote, Note, parse_line
from gateway.evidence.signing import Signatory
from gateway.evidence.witnessing.failures import WitnessAway
from gateway.evidence.witnessing.growth import MOST_LEAVES, PATH, Growth, growth_bytes

_SYSTEM = "witness"
_HEADERS = {"Content-Type": "application/octet-stream"}


@dataclass(slots=True)
class Witness:
    """One log's witness: where it answers, its key, and the size it signed last as far as known."""

    client: Client = field(repr=False)
    key: VerifierKey
    size: int = 0

    async def cosign(self, signatory: Signatory, grown: Grown) -> Note:
        """The checkpoint over this log signed by both.

        Raises `WitnessAway`, `RolledBack` where it signed for more than there is, `Forked` where it
        signed for something else, and `DamagedTiles` where older leaves are not laid.
        """
        while True:
            if (known := self.size) > grown.size:
                raise RolledBack(grown.size, known)
            end = min(grown.size, known + MOST_LEAVES)
            note = signatory.sign(signatory.checkpoint(end, grown.root_at(end)))
            signed = await self._grow(Growth(known, grown.leaves(known, end), note))
            if signed is not None and end == grown.size:
                return signed

    async def alive(self) -> bool:
        """Whether it answers."""
        try:
            answer = await post(
                self.client, PATH, b"", system=_SYSTEM, operation="alive", headers=_HEADERS
            )
        except SystemFailure:
            return False
        return answer.status == 400  # nothing was told, and it said so

    async def _grow(self, growth: Growth) -> Note | None:
        """The note signed by both; None where the witness named another size to begin at."""
        checkpoint_size = growth.old + len(growth.leaves)
        answer = await self._post(growth_bytes(growth))
        if answer.status == 409:
            self._begin_anew(answer, growth)
            return None
        if answer.status == 422:
            raise Forked(checkpoint_size)
        if answer.status != 200:
            raise WitnessAway(f"answered {answer.status}")
        self.size = checkpoint_size
        return self._signed(growth.note, answer)

    def _begin_anew(self, answer: Answer, growth: Growth) -> None:
        text = answer.body.decode("ascii", "replace").strip()
        if not (text.isascii() and text.isdigit()) or int(text) == growth.old:
            raise WitnessAway("named no size")
        self.size = int(text)

    async def _post(self, body: bytes) -> Answer:
        try:
            return await post(
                self.client, PATH, body, system=_SYSTEM, operation="grow", headers=_HEADERS
            )
        except SystemFailure as failure:
            raise WitnessAway(failure.code) from None

    def _signed(self, note: Note, answer: Answer) -> Note:
        try:
            line = parse_line(answer.body.decode("utf-8").removesuffix("\n"))
            both = replace(note, signatures=(*note.signatures, line))
            verify_cosigned(both, self.key)
        except (InvalidNote, UnicodeDecodeError):
            raise WitnessAway("signed with another key") from None
        return both
