"""Drafts the next step: what the declared tables have and the newest edition has not.

    python -m gateway.migrations.draft "What changes"

To begin anew before a first release, remove the files in `versions/` first. Read the draft before
committing it: Alembic sees neither renamed columns nor what is to become of the rows.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.database import open_database
from gateway.migrations import configuration


async def draft(message: str) -> None:
    """Write the step into `versions/`, found on an empty SQLite store brought up to date."""
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite+aiosqlite:///{Path(folder) / 'draft.db'}")
        async with database.transaction() as connection:
            await connection.run_sync(_write, message)
        await database.close()


def _write(connection: Connection, message: str) -> None:
    settings = configuration(connection)
    steps = ScriptDirectory.from_config(settings)
    number = f"{len(list(steps.walk_revisions())) + 1:04}"
    command.upgrade(settings, "head")
    command.revision(settings, message, autogenerate=True, rev_id=number)
    for path in Path(steps.versions).glob(f"{number}_*.py"):
        _tidy(path)


def _tidy(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ### " not in line), "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)  # noqa: S603


if __name__ == "__main__":
    asyncio.run(draft(sys.argv[1]))
