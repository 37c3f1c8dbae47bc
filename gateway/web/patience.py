"""How long a caller waits for an answer before it asks again: the Prefer header (RFC 7240)."""

import re
from collections.abc import Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response

DEFAULT_SECONDS = 5.0
LONGEST_SECONDS = 60.0

# A preference: its name, perhaps a value (bare or quoted), and parameters, which say nothing here.
_PREFERENCE = re.compile(
    r"""\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?\s*(?:;.*)?"""
)
_SECONDS = re.compile(r"[0-9]{1,9}")
_APPLIED = "Preference-Applied"


def patience_of(request: Request, response: Response) -> float:
    """The seconds the caller waits, at most `LONGEST_SECONDS`; says in the answer what was applied.

    `wait=N` waits so long, `respond-async` not at all; a preference that cannot be read counts as
    not sent, as the standard has it. Where none is sent it is `DEFAULT_SECONDS`.
    """
    preferred = dict(reversed(list(_preferences(request.headers.getlist("prefer")))))
    wait = preferred.get("wait", "")
    if _SECONDS.fullmatch(wait):
        seconds = min(float(wait), LONGEST_SECONDS)
        response.headers[_APPLIED] = f"wait={seconds:.0f}"
        return seconds
    if "respond-async" in preferred:
        response.headers[_APPLIED] = "respond-async"
        return 0.0
    return DEFAULT_SECONDS


def _preferences(headers: Sequence[str]) -> Iterator[tuple[str, str]]:
    # Of a preference that is sent twice the first counts.
    for preference in _split(", ".join(headers)):
        read = _PREFERENCE.fullmatch(preference)
        if read is not None:
            yield read[1].lower(), read[2] if read[2] is not None else read[3] or ""


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no quotes."""
    return re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', text)
