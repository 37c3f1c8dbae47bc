"""Reads back where a tile lies: level, number and width from an address such as 0/x001/067.p/12."""

import re

from gateway.evidence.tile_files import FULL, TILE_BITS

Tile = tuple[int, int, int]  # level, number, width

_ADDRESS = re.compile(
    r"(?P<level>0|[1-9][0-9]?)/(?P<folders>(?:x[0-9]{3}/){0,5})(?P<last>[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_LEVELS = 64 // TILE_BITS


def parse_tile(address: str) -> Tile | None:
    """The tile at an address below `tile/`; None where that is written in no way we write one."""
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found["level"]) >= _LEVELS:
        return None
    width = int(found["width"] or FULL)
    number = int(found["folders"].replace("x", "").replace("/", "") + found["last"])
    usual = found["folders"] == "" or not found["folders"].startswith("x000")
    if not usual or (found["width"] and width >= FULL):
        return None
    return int(found["level"]), number, width
