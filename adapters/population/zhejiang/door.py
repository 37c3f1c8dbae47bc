"""The way to the platform: forms posted over our own bounded client, nothing in addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from adapters.population.zhejiang.envelopes import Envelope, Place, read_envelope
from adapters.population.zhejiang.questions import FORM
from adapters.population.zhejiang.signature import signed
from adapters.transport import Answer, Client, post

TOKENS = "/gateway/app/"
# The platform calls its pages so.
ENDING = ".htm"


@dataclass(frozen=True, slots=True)
class Door:
    """One app at one gateway of the platform; `now` must agree with the platform's clock."""

    client: Client = field(repr=False)
    system: str
    app_key: str = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)

    async def ask_for_secret(self, operation: str, secret: str, trace_id: str) -> Envelope:
        """The platform's answer to a request for a new secret, signed with an older one."""
        form = urlencode(signed(self.app_key, secret, self.now())).encode()
        answer = await self._post(TOKENS + operation + ENDING, form, operation, trace_id, {})
        return read_envelope(answer, Place(self.system, operation))

    async def ask(
        self, path: str, form: bytes, secret: str, *, operation: str, trace_id: str
    ) -> tuple[Envelope, bytes]:
        """The platform's answer to a question, read and as it came; signed in its headers."""
        proof = signed(self.app_key, secret, self.now())
        answer = await self._post(path, form, operation, trace_id, proof)
        return read_envelope(answer, Place(self.system, operation)), answer.body

    async def _post(
        self, path: str, form: bytes, operation: str, trace_id: str, proof: Mapping[str, str]
    ) -> Answer:
        return await post(
            self.client,
            path,
            form,
            system=self.system,
            operation=operation,
            headers={"Content-Type": FORM, "X-Road-Id": trace_id, **proof},
        )
