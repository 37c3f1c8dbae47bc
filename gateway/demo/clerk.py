"""A caller of the gateway over HTTP: hands a list in and reads what became of it."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters import transport
from contracts.errors import JisuiError
from gateway.intake.lists import media_type_of

CASE = "DEMO-1"


class Refused(JisuiError):
    """The gateway answered with a problem."""


class Unanswered(JisuiError):
    """The gateway does not answer, or it is no gateway that answers."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One caller's way to the gateway."""

    client: transport.Client
    token: str = field(repr=False)
    user: str = "CN/demo"
    case: str = CASE

    async def submit(self, school: str, file: Path) -> dict[str, Any]:
        """The intake that the list became."""
        return await self._ask(
            "POST",
            f"/v1/intakes?school={school}",
            await asyncio.to_thread(file.read_bytes),
            media_type_of(file.name),
        )

    async def confirm(self, intake_id: str) -> None:
        """Confirm a list in the county's name."""
        body = json.dumps({"reference": self.case}).encode()
        await self._ask("POST", f"/v1/intakes/{intake_id}/confirmation", body, "application/json")

    async def read(self, intake_id: str) -> dict[str, Any]:
        """How the intake stands."""
        return await self._ask("GET", f"/v1/intakes/{intake_id}")

    async def rows(self, intake_id: str) -> list[dict[str, Any]]:
        """Every row of the list."""
        rows: list[dict[str, Any]] = []
        after = 0
        while after is not None:
            page = await self._ask("GET", f"/v1/intakes/{intake_id}/rows?after={after}")
            rows += page["rows"]
            after = page["next"]
        return rows

    async def _ask(
        self, method: str, path: str, body: bytes = b"", media_type: str = ""
    ) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Jisui-Purpose": "enrolment",
            "X-Road-Issue": self.case,
        }
        if self.user:
            headers["X-Road-UserId"] = self.user
        if media_type:
            headers["Content-Type"] = media_type
        return await ask(self.client, method, path, body, headers)


async def ask(
    client: transport.Client, method: str, path: str, body: bytes, headers: dict[str, str]
) -> dict[str, Any]:
    """The gateway's answer; raise `Refused` with what its problem says, or `Unanswered`."""
    try:
        response = await client.request(method, path, content=body, headers=headers)
        answer: Any = response.json()
    except (transport.ClientFailure, ValueError) as error:
        raise Unanswered(
            f"网关没有应答 · no answer from the gateway at {client.base_url}"
            f" ({type(error).__name__})"
        ) from None
    if not isinstance(answer, dict):
        raise Unanswered(f"应答的不是网关 · {client.base_url} is no gateway")
    if response.status_code >= 400:
        raise Refused(_words(answer))
    return answer


def _words(problem: dict[str, Any]) -> str:
    """What a problem says to people, with every single fault in it."""
    parts = [problem, *(problem.get("errors") or ())]
    return "\n".join(_sentence(part) for part in parts if isinstance(part, dict))


def _sentence(part: dict[str, Any]) -> str:
    names = ("status", "pointer", "detail", "remedy", "detail_en", "remedy_en")
    return " ".join(str(part[name]) for name in names if part.get(name))
