"""The simulated platform: issues secrets, checks who asks, and asks its register."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from adapters.population.zhejiang.people import People
from adapters.population.zhejiang.simulated_faults import (
    answer_code,
    answer_datas,
    answer_rows,
    kinds_of,
)
from adapters.population.zhejiang.simulated_keys import IN_FORCE, Keys, Proof
from adapters.simulation.operations import Call

Form = Mapping[str, str]


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

    def __init__(self, keys: Keys, people: People) -> None:
        self._keys = keys
        self._people = people

    def issue_by_key(self, call: Call) -> Response:
        """New secrets for whoever knows the app's own."""
        return self._issue(call, self._keys.judge_by_app(_proof(decode(call.body)), call.at))

    def issue_by_refresh(self, call: Call) -> Response:
        """New secrets for whoever knows the refresh secret in force."""
        return self._issue(call, self._keys.judge_by_refresh(_proof(decode(call.body)), call.at))

    def check(self, call: Call) -> Response:
        """What the register says of one person."""
        kinds = kinds_of(call.fault)
        self._disturb(kinds, call)
        code = self._keys.judge(_proof(call.headers), call.at)
        if code != IN_FORCE:
            return answer_code(kinds, code)
        if _refusing(call):
            return answer_code(kinds, _refusing(call))
        asked: Any = call.question
        if asked is None or not {"gmsfhm", "xm", "additional"} <= asked.keys():
            return Response(status_code=400)
        return answer_rows(kinds, [self._people.say(asked["gmsfhm"], asked["xm"])])

    def _issue(self, call: Call, code: str) -> Response:
        kinds = kinds_of(call.fault)
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


STATE_FAULTS = ("secret_rotated", "secret_ended")


def _refusing(call: Call) -> str:
    return call.fault.code if call.fault and call.fault.kind == "refused" else ""


def _proof(fields: Mapping[str, str] | None) -> Proof:
    said = fields or {}
    return Proof(said.get("appKey", ""), said.get("sign", ""), said.get("requestTime", ""))
