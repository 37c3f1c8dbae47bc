"""Where a number lies among numbers, blind: whoever walks through them is seen to walk."""

import re

from gateway.access.looks.looking import Look
from gateway.people.numbers import NUMBER
from gateway.sealing import Sealer

_BODY = re.compile(r"[GJL]([0-9]{17})[0-9A-Z]")
_STEPS = (-2, -1, 1, 2)


def look_at(number: str, sealer: Sealer) -> Look:
    """A look at the child with this number; one of no known form has no neighbours."""
    child = sealer.index(NUMBER, number)
    found = _BODY.fullmatch(number)
    if found is None:
        return Look(child)
    body = int(found[1])
    near = frozenset(_place(body + step, sealer) for step in _STEPS)
    return Look(child, _place(body, sealer), near)


def _place(body: int, sealer: Sealer) -> str:
    return sealer.index("number_place", f"{body:017d}")
