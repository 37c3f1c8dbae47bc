"""`jisui verify` hands a sheet in, waits for its end and saves the result."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from adapters.simulation.serving import serving
from gateway.access.vocabulary import Role
from tests.intake.village import SCHOOL, Village
from tests.verification.batches.conftest import Office, Opened
from tests.verification.batches.town import csv_of, residents, settle


async def jisui(*arguments: str) -> tuple[int, str, str]:
    """How the command ended, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli", "verify", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode(), complained.decode()


async def followed(
    office: Office, folder: Path, *more: str, works: bool = True
) -> tuple[int, str, str]:
    """The command on a sheet of twelve, against a gateway whose worker works meanwhile."""
    people = residents(1, 12)
    sheet, token = folder / "sheet.csv", folder / "token"
    sheet.write_text(csv_of(people), encoding="utf-8")
    token.write_text(await office.stage._token(Role.CLERK, SCHOOL, "999999"), encoding="ascii")
    async with serving(office.stage.app) as url:
        told = ("--school", SCHOOL, "--gateway", url, "--token-file", str(token), "--user", "z")
        command = asyncio.create_task(jisui(str(sheet), *told, *more))
        while not command.done():
            if works:
                await office.stage.work()
            await asyncio.sleep(0.1)
        return await command


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_a_sheet_is_followed_to_its_end_and_its_result_saved(
    opened: Opened, village: Village, tmp_path: Path, suffix: str
) -> None:
    settle(village, residents(1, 12))
    office, out = await opened(village), tmp_path / f"result.{suffix}"
    code, printed, complained = await followed(
        office, tmp_path, "--follow", "--json", "--out", str(out)
    )
    assert (code, complained) == (0, "")
    view = json.loads(printed)
    assert (view["state"], view["rows"]) == ("done", 12)
    assert out.read_bytes()[:2] == {"csv": b"\xef\xbb", "xlsx": b"PK"}[suffix]
    assert out.stat().st_mode & 0o777 == 0o600


async def test_what_is_not_done_in_time_ends_with_one_and_without_following_nobody_waits(
    opened: Opened, village: Village, tmp_path: Path
) -> None:
    office = await opened(village)
    late = await followed(office, tmp_path, "--follow", "--timeout", "1", works=False)
    assert (late[0], "pending 12" in late[1]) == (1, True)
    assert (await followed(office, tmp_path, works=False))[0] == 0


async def test_a_result_of_another_form_and_no_gateway_are_told(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(csv_of(residents(1, 1)), encoding="utf-8")
    told = (str(sheet), "--school", SCHOOL, "--token", "t")
    assert (await jisui(*told, "--follow", "--out", str(tmp_path / "x.pdf")))[0] == 2
    assert (await jisui(*told, "--gateway", "http://127.0.0.1:9"))[0] == 3
