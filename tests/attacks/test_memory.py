"""A list of the largest size goes through `serve` in the memory that a small one takes."""

from pathlib import Path

from gateway.access.vocabulary import Role
from gateway.intake.lists import CSV
from tests.attacks.installation import Installation, installed
from tests.attacks.strangers import Place
from tests.intake.village import SCHOOL, Village
from tests.lists.lists import TITLES, csv_text

GROWTH_MEBIBYTES = 40


async def test_twenty_thousand_rows_take_no_more_memory_than_two_thousand(tmp_path: Path):
    village = Village()
    village.pupil(village.child(1))
    async with installed(tmp_path, village.world, parts=("serve",)) as up:
        await handed_in(up, 2_000)
        small = peak_mebibytes(up)
        await handed_in(up, 20_000)
        assert peak_mebibytes(up) - small <= GROWTH_MEBIBYTES


async def handed_in(up: Installation, count: int) -> None:
    """A list of so many children without documents, and its result sheet."""
    rows = ((i, f"虚构{i}", "男", "2020-01-01", "", "", "", "是", "") for i in range(count))
    headers = await up.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    answer = await up.door.post(
        f"/v1/intakes?school={SCHOOL}",
        content=csv_text(TITLES, *rows).encode(),
        headers=headers | {"Content-Type": CSV},
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["rows"] == count


def peak_mebibytes(up: Installation) -> int:
    """The most memory `serve` has held so far."""
    lines = dict(line.split(":", 1) for line in up.of_process("serve", "status").splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024
