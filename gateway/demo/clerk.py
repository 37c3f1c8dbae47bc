"""The clerk of the demonstration: hands the list in over HTTP and reads what became of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters import transport
from contracts.errors import JisuiError
from gateway.intake.lists import media_type_of

CASE = "DEMO-1"


class Refused(JisuiError):
    """The gateway answered the demonstration with a problem."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One caller's way to the gateway."""

    client: transport.Client
    token: str = field(repr=False)
    user: str = "CN/demo"

    async def submit(self, school: str, file: Path) -> dict[str, Any]:
        """The intake that the list became."""
        return await self._ask(
            "POST",
            f"/v1/intakes?school={school}",
            file.read_bytes(),
            media_type_of(file.name),
        )

    async def confirm(self, intake_id: str) -> None:
        """Confirm a list in the county's name."""
        body = json.dumps({"reference": CASE}).encode()
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
            "X-Road-Issue": CASE,
            "X-Road-UserId": self.user,
        }
        if media_type:
            headers["Content-Type"] = media_type
        response = await self.client.request(method, path, content=body, headers=headers)
        answer: dict[str, Any] = response.json()
        if response.status_code >= 400:
            raise Refused(f"{response.status_code} {answer.get('title', '')}: {answer}")
        return answer
