"""Every guarded door of the whole gateway, with a real target and an absent one to ask about."""

import json
from dataclasses import dataclass
from typing import Any

from gateway.access.vocabulary import Operation
from gateway.api.guards import operation_of, routes_of
from gateway.wiring.doors import wire_app
from tests.attacks.conftest import Siege
from tests.intake.village import SCHOOL, person

ABSENT = "0198c0de00007000800000000000abcd"
# What a well-formed request to each route carries; a route that is missing here fails the tests.
_LIST = json.dumps({"rows": [person(2).row()]}).encode()
_BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/intakes"): _LIST,
    ("GET", "/v1/intakes/{intake_id}"): None,
    ("GET", "/v1/intakes/{intake_id}/rows"): None,
    ("GET", "/v1/intakes/{intake_id}/result-sheet"): None,
    ("POST", "/v1/intakes/{intake_id}/confirmation"): {"reference": "2026-7"},
    ("GET", "/v1/handovers"): None,
    ("GET", "/v1/handover-counts"): None,
    ("POST", "/v1/numbers/resolve"): {"number": person(1).number},
}
_QUERIES = {"/v1/intakes": f"?school={SCHOOL}"}
_ABSENT_BODIES = {"/v1/numbers/resolve": {"number": person(77).number}}


@dataclass(frozen=True)
class Door:
    """One route of one method; `target` is the real thing, `absent` the same form of nothing."""

    operation: Operation
    method: str
    template: str
    target: str
    absent: str
    body: bytes | None
    absent_body: bytes | None

    @property
    def searches(self) -> bool:
        """Whether it answers anybody it knows, with what lies within that caller's reach."""
        return self.operation is Operation.WORKLIST_READ

    @property
    def names_a_target(self) -> bool:
        """Whether something absent can be asked for."""
        return self.target != self.absent or self.body != self.absent_body


def doors_of(siege: Siege) -> list[Door]:
    """Every guarded door of the gateway as it is wired."""
    app = wire_app(siege.stage.ground, siege.stage.systems)
    return [
        _door(siege, operation, method, route.path)
        for route in routes_of(app)
        if (operation := operation_of(route)) is not None
        for method in sorted(route.methods or ())
    ]


def _door(siege: Siege, operation: Operation, method: str, template: str) -> Door:
    body = _BODIES[method, template]
    query = _QUERIES.get(template, "")
    real = {"intake_id": siege.intake_id, "handover_id": siege.handover_id}
    return Door(
        operation,
        method,
        template,
        template.format(**real) + query,
        template.format(**dict.fromkeys(real, ABSENT)) + query,
        _bytes(body),
        _bytes(_ABSENT_BODIES.get(template, body)),
    )


def _bytes(body: Any) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
