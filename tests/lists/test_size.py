"""A list of the largest size streams: its rows are never in memory all at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lists.lists import BEN, DOORS, TITLES

_MEASURE = """
import sys
from gateway.intake.lists import read_list
content = open(sys.argv[1], "rb").read()
count = sum(1 for _ in read_list(content, sys.argv[2]).rows)
# Not getrusage: its peak is inherited from the process that started this one.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(count, int(status["VmHWM"].split()[0]) // 1024)
"""


def measured(folder: Path, door: str, rows: int) -> tuple[int, int]:
    """How many rows were read, and the process's peak memory in MiB."""
    media_type, write = DOORS[door]
    path = folder / f"{rows}"
    path.write_bytes(write(TITLES, *((str(row), *BEN[1:]) for row in range(rows))))
    command = [sys.executable, "-c", _MEASURE, str(path), media_type]
    count, peak = subprocess.run(command, check=True, capture_output=True).stdout.split()
    return int(count), int(peak)


@pytest.mark.parametrize(
    ("door", "allowed"),
    [("xlsx", 30), ("csv, gb18030", 20), ("json", 40)],  # JSON has to be parsed whole
)
def test_twenty_thousand_rows_take_little_more_than_two_thousand(
    tmp_path: Path, door: str, allowed: int
) -> None:
    few, many = measured(tmp_path, door, 2_000), measured(tmp_path, door, 20_000)
    assert (few[0], many[0]) == (2_000, 20_000)
    assert many[1] - few[1] <= allowed
