"""Every guarded door of the whole gateway, with a real target and an absent one to ask about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.access.vocabulary import Operation
from gateway.api.guards import operation_of, routes_of
from gateway.intake.acts.proposing import Seen, batch_hash
from tests.attacks.conftest import Siege
from tests.intake.village import SCHOOL, person

ABSENT = "0198c0de00007000800000000000abcd"
# What a well-formed request to each route carries; a route that is missing here fails the tests.
_LIST = json.dumps({"rows": [person(2).row()]}).encode()
_OFFER = "0" * 64
_ONE = "/v1/handovers/{handover_id}"
_BATCHES = "/v1/verification-batches"
_BATCH = f"{_BATCHES}/{{batch_id}}"
_PROBLEM = "/v1/problems/{problem_id}"
_ROUND = "/v1/periodic-rounds/{round_id}"
_ROSTER = "/v1/periodic-rosters/{roster_id}"
_CORRECTION = "/v1/identity-corrections/{correction_id}"
_SNAPSHOTS = "/v1/subscriptions/{subscription_id}/snapshots"
_BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/intakes"): _LIST,
    ("GET", "/v1/intakes/{intake_id}"): None,
    ("GET", "/v1/intakes/{intake_id}/rows"): None,
    ("GET", "/v1/intakes/{intake_id}/result-sheet"): None,
    ("POST", "/v1/intakes/{intake_id}/confirmation"): {"reference": "2026-7"},
    ("GET", "/v1/handovers"): None,
    ("GET", "/v1/handover-counts"): None,
    ("GET", _ONE): None,
    ("GET", f"{_ONE}/preview"): None,
    ("POST", f"{_ONE}/report"): {
        "reported": False,
        "reported_on": None,
        "no_show_reason": "x",
    },
    ("POST", "/v1/handovers/reports"): {"rows": [{"handover_id": "@", "reported": True}]},
    ("POST", f"{_ONE}/proposal"): None,
    ("POST", f"{_ONE}/confirmation"): None,
    ("POST", "/v1/handovers/proposals"): {"rows": [{"handover_id": "@", "offer_hash": _OFFER}]},
    ("POST", "/v1/handovers/confirmations"): {"rows": [{"handover_id": "@", "offer_hash": _OFFER}]},
    ("POST", f"{_ONE}/choice"): {"record_id": "no-such-record"},
    ("POST", f"{_ONE}/rejection"): {"record_id": "no-such-record"},
    ("POST", f"{_ONE}/withdrawal"): {"reason": "another school"},
    ("POST", f"{_ONE}/reversal"): {"reason": "another school"},
    ("POST", f"{_ONE}/resubmission"): None,
    ("POST", f"{_ONE}/decision"): {"decision": "look_again"},
    ("POST", f"{_ONE}/approval"): None,
    ("POST", "/v1/handovers/approvals"): {"rows": ["@"]},
    ("POST", f"{_ONE}/return"): {"reason": "look again"},
    ("POST", f"{_ONE}/approval/undo"): None,
    ("POST", "/v1/numbers/resolve"): {"number": person(1).number},
    ("POST", "/v1/verifications"): {
        "document": {"number": person(1).document},
        "name": person(1).name,
    },
    ("GET", "/v1/verifications/{verification_id}"): None,
    ("POST", _BATCHES): _LIST,
    **{("GET", f"{_BATCH}{what}"): None for what in ("", "/rows", "/result.csv", "/result.xlsx")},
    **{("POST", f"{_BATCH}/{wish}"): None for wish in ("pause", "resume", "cancel")},
    ("POST", "/v1/enrolment-queries"): {
        "children": [{"document": {"number": person(1).document}, "name": person(1).name}],
        "approver": "somebody else",
    },
    ("GET", "/v1/enrolment-queries"): None,
    ("PUT", "/v1/enrolment-queries/{query_id}/paper"): {
        "document_number": "2026-8",
        "sha256": "0" * 64,
    },
    ("POST", "/v1/enrolment-shields"): {
        "document": {"number": person(2).document},
        "shielded": True,
        "approver": "somebody else",
    },
    ("GET", "/v1/enrolment-stops"): None,
    ("GET", "/v1/access-stops"): None,
    ("POST", "/v1/access-stops/{access_stop_id}/release"): {"reason": "looked into"},
    ("POST", "/v1/enrolment-stops/{stop_id}/release"): {"reason": "x"},
    ("GET", "/v1/problems"): None,
    ("GET", "/v1/problems/counts"): None,
    ("GET", "/v1/problems/sheet"): None,
    ("GET", _PROBLEM): None,
    ("POST", f"{_PROBLEM}/proposal"): {
        "remedy": "evidence",
        "reason": "x",
        "proofs": [{"title": "x", "reference": "x"}],
    },
    ("POST", f"{_PROBLEM}/confirmation"): None,
    ("POST", f"{_PROBLEM}/rejection"): {"remark": "x"},
    ("POST", f"{_PROBLEM}/decision"): {"remark": "x"},
    ("POST", f"{_PROBLEM}/referral"): {"remark": "x"},
    ("POST", "/v1/periodic-rounds"): {"school_year": "2026-2027", "semester": 1},
    ("GET", "/v1/periodic-rounds"): None,
    **{
        ("GET", f"{_ROUND}{what}"): None
        for what in ("", "/schools", "/records", "/rosters", "/report", "/temporary-numbers")
    },
    ("GET", f"{_ROUND}/report.xlsx"): None,
    ("POST", f"{_ROUND}/closure"): None,
    ("POST", f"{_ROUND}/rosters"): {
        "class_name": "x",
        "children": [{"name": "x", "sex": "1", "born_on": "2020-01-01"}],
    },
    ("GET", _ROSTER): None,
    ("POST", f"{_ROSTER}/marks"): {"marks": [{"place": 1, "presence": "present"}]},
    ("POST", f"{_ROSTER}/confirmation"): None,
    ("POST", f"{_ROSTER}/rejection"): {"remark": "x"},
    ("POST", f"{_ROSTER}/signature"): None,
    ("POST", "/v1/identity-notices"): {
        "notices": [
            {"kind": "restored", "citizen_number": person(77).document, "name": person(77).name}
        ]
    },
    ("POST", "/v1/identity-notices/{receipt_id}/withdrawal"): {"remark": "x"},
    ("GET", "/v1/identity-corrections"): None,
    ("GET", _CORRECTION): None,
    ("POST", f"{_CORRECTION}/proposal"): None,
    ("POST", f"{_CORRECTION}/confirmation"): None,
    ("POST", f"{_CORRECTION}/rejection"): {"remark": "x"},
    ("GET", "/v1/feeds/status-changes"): None,
    ("GET", "/v1/feeds/status-changes/digest"): None,
    ("GET", "/v1/feeds/status-changes/digest/nodes"): None,
    ("POST", _SNAPSHOTS): None,
    ("GET", f"{_SNAPSHOTS}/{{snapshot_id}}"): None,
    ("GET", f"{_SNAPSHOTS}/{{snapshot_id}}/manifest"): None,
    ("GET", f"{_SNAPSHOTS}/{{snapshot_id}}/files/{{place}}"): None,
    ("POST", "/v1/claim-tickets"): {"ticket": "#"},
    ("GET", "/v1/incidents"): None,
    ("POST", "/v1/evidence/searches"): {"action": "token.issued"},
    ("GET", "/v1/evidence/checkpoint"): None,
    ("GET", "/v1/evidence/tile/{address:path}"): None,
    ("GET", "/v1/evidence/entries/{position}/proof"): None,
    ("GET", "/v1/evidence/growth"): None,
    ("GET", "/v1/feeds/status-changes/position"): None,
    ("PUT", "/v1/feeds/status-changes/position"): {"acknowledged": 0},
    ("POST", f"{_PROBLEM}/closure"): {"resolution": "unfounded", "remark": "x"},
}
_QUERIES = {
    "/v1/intakes": f"?school={SCHOOL}",
    "/v1/feeds/status-changes/digest": f"?school={SCHOOL}&on=2026-09-01",
    "/v1/feeds/status-changes/digest/nodes": f"?school={SCHOOL}&through=0",
    "/v1/evidence/growth": "?old_size=1",
}
# Asking is for oneself, from wherever one sits.
_FOR_ONESELF = {
    Operation.VERIFICATION_ASK,
    Operation.ENROLMENT_ASK,
    Operation.ENROLMENT_SHIELD,
    Operation.PERIODIC_START,
    Operation.NOTICE_SEND,
}
_SEARCHES = {
    Operation.ACCESS_STOPS_READ,
    Operation.WORKLIST_READ,
    Operation.PROBLEMS_READ,
    Operation.PROBLEMS_EXPORT,
    Operation.PERIODIC_LIST,
    Operation.CORRECTIONS_READ,
    Operation.ENROLMENT_READ,
}
# What a path can name beside what is the school's.
PLACES = {"place": "1", "position": "1", "address": "0/000.p/1"}
_ABSENT_BODIES = {"/v1/numbers/resolve": {"number": person(77).number}}


@dataclass(frozen=True)
class Request:
    """What is sent through a door."""

    path: str
    body: bytes | None
    if_match: str | None


@dataclass(frozen=True)
class Door:
    """One route of one method; `target` is the real thing, `absent` the same form of nothing."""

    operation: Operation
    method: str
    template: str
    target: Request
    absent: Request

    @property
    def searches(self) -> bool:
        """Whether it answers anybody it knows, with what lies within that caller's reach."""
        return self.operation in _SEARCHES

    @property
    def open_to_all(self) -> bool:
        """Whether its right holds wherever a caller sits: it searches, or asks for itself."""
        return self.searches or self.operation in _FOR_ONESELF

    @property
    def names_a_target(self) -> bool:
        """Whether something absent can be asked for."""
        return self.target != self.absent


def doors_of(siege: Siege) -> list[Door]:
    """Every guarded door of the gateway as it is wired."""
    return [
        _door(siege, operation, method, route.path)
        for route in routes_of(siege.stage.app)
        if (operation := operation_of(route)) is not None
        for method in sorted(route.methods or ())
    ]


def _door(siege: Siege, operation: Operation, method: str, template: str) -> Door:
    body = _BODIES[method, template]
    absent_body = _ABSENT_BODIES.get(template, body)
    return Door(
        operation,
        method,
        template,
        _request(template, body, siege.ids),
        _request(template, absent_body, dict.fromkeys(siege.ids, ABSENT)),
    )


def address(named: Mapping[str, str], template: str) -> str:
    """The address a template makes with these names."""
    return template.replace(":path", "").format(**named)


def _request(template: str, body: Any, ids: Mapping[str, str]) -> Request:
    path, handover_id = address({**PLACES, **ids}, template), ids["handover_id"]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    content = content.replace(b'"#"', f'"{ids["ticket"]}"'.encode())
    batch = f'"{batch_hash([Seen(handover_id, _OFFER)])}"'
    return Request(
        path + _QUERIES.get(template, ""),
        content.replace(b'"@"', f'"{handover_id}"'.encode()) if body is not None else None,
        batch if template == "/v1/handovers/confirmations" else None,
    )
