"""The simulated platform: issues secrets, checks who asks, and asks its register."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from adapters.population.register import PopulationRegister
from adapters.population.zhejiang.simulated_faults import (
    answer_code,
    answer_datas,
    answer_rows,
    kinds_of,
)
from adapters.population.zhejiang.simulated_keys import IN_FORCE, Keys, Proof
from adapters.population.zhejiang.simulated_rows import row_about
from adapters.simulation.operations import Call
from adapters.simulation.terms import GOOD, Refusal, Terms

Form = Mapping[str, str]

SPENT = "18"
SUSPENDED = "suspended"
STATE_FAULTS = ("secret_rotated", "secret_ended")


def decode(body: bytes) -> Form | None:
    """The fields of a form, or None where the bytes are none or name a field twice."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return None
    return dict(fields) if len(dict(fields)) == len(fields) else None


def decode_unsigned(body: bytes) -> Form | None:
    """What the log keeps of a request for secrets: not its signature."""
    form = decode(body)
    return None if form is None else {"appKey": form.get("appKey", "")}


class Platform:
    """One app's gateway to the register."""

    def __init__(self, keys: Keys, register: PopulationRegister, terms: Terms) -> None:
        self._keys = keys
        self._register = register
        self._terms = terms

    def issue_by_key(self, call: Call) -> Response:
        """New secrets for whoever knows the app's own."""
        return self._issue(call, self._keys.judge_by_app(_proof(decode(call.body)), call.at))

    def issue_by_refresh(self, call: Call) -> Response:
        """New secrets for whoever knows the refresh secret in force."""
        return self._issue(call, self._keys.judge_by_refresh(_proof(decode(call.body)), call.at))

    def check(self, call: Call) -> Response:
        """What the register says of one person."""
        kinds = kinds_of(call.fault)
        if self._terms.standing != GOOD:
            return Response(status_code=403)
        self._disturb(kinds, call)
        code = self._keys.judge(_proof(call.headers), call.at)
        if code != IN_FORCE:
            return answer_code(kinds, code)
        if _refusing(call):
            return answer_code(kinds, _refusing(call))
        asked: Any = call.question
        if asked is None or not {"gmsfhm", "xm", "additional"} <= asked.keys():
            return Response(status_code=400)
        refusal = self._terms.admit(call.at)
        if refusal is not None:
            return _turned_away(kinds, refusal)
        return answer_rows(kinds, [row_about(self._register, asked["gmsfhm"], asked["xm"])])

    def _issue(self, call: Call, code: str) -> Response:
        kinds = kinds_of(call.fault)
        if self._terms.standing != GOOD:
            return Response(status_code=403)
        if code == IN_FORCE:
            code = _refusing(call) or IN_FORCE
        if code != IN_FORCE:
            return answer_code(kinds, code)
        return answer_datas(kinds, self._keys.issue(call.at))

    def _disturb(self, kinds: tuple[str, ...], call: Call) -> None:
        if "secret_rotated" in kinds:
            self._keys.issue(call.at)
        if "secret_ended" in kinds:
            self._keys.expire(call.at)


def _turned_away(kinds: tuple[str, ...], refusal: Refusal) -> Response:
    # Secrets are issued day and night; it is the register beneath that closes.
    if refusal is Refusal.CLOSED:
        return answer_datas((*kinds, "nested_closed"), None)
    return answer_code(kinds, SPENT)


def _refusing(call: Call) -> str:
    return call.fault.code if call.fault and call.fault.kind == "refused" else ""


def _proof(fields: Mapping[str, str] | None) -> Proof:
    said = fields or {}
    return Proof(said.get("appKey", ""), said.get("sign", ""), said.get("requestTime", ""))
