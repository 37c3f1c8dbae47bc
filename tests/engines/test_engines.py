"""The engines are real, are of the versions they claim, and leave nothing behind."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from tests.engines.account import Account, engine_account, open_folder, reachable, within_reach
from tests.engines.databases import finish
from tests.engines.postgres import EngineUnavailable, Source, postgres_sources, start_postgres
from tests.engines.redis_server import RedisSource, redis_sources, start_redis

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing the account needs root")


def plain(url: str) -> str:
    return url.replace("postgresql+asyncpg", "postgresql")


async def test_the_postgres_database_is_real_and_empty(postgres_url: str) -> None:
    connection = await asyncpg.connect(plain(postgres_url))
    try:
        version = await connection.fetchval("SHOW server_version_num")
        tables = await connection.fetchval(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
    finally:
        await connection.close()
    assert int(version) >= 150_000
    assert tables == 0


SEEN: set[str] = set()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(postgres_url: str, turn: int) -> None:
    assert postgres_url not in SEEN
    SEEN.add(postgres_url)


def test_redis_is_real(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        version = client.info("server")["redis_version"]
        client.set("left over", "1")
    assert int(version.split(".")[0]) >= 6


def test_redis_is_empty_again(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("source", list(postgres_sources()), ids=lambda source: source.name)
def test_each_postgres_here_starts_and_stops(source: Source, tmp_path: Path) -> None:
    broken = Source("broken", tmp_path)
    server = start_postgres([broken, source])
    try:
        finish(answers(server.dsn))
    finally:
        server.stop()
    assert server.source == source.name
    assert not server.folder.exists()
    assert server.process.poll() is not None


async def answers(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


@pytest.mark.parametrize("source", list(redis_sources()), ids=lambda source: source.name)
def test_each_redis_here_starts_and_stops(source: RedisSource) -> None:
    server = start_redis([source])
    try:
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
    finally:
        server.stop()
    assert not server.folder.exists()


def test_a_stranger_gets_no_answer_from_redis(redis_url: str) -> None:
    url = "redis://" + redis_url.rsplit("@", 1)[1]
    with redis.Redis.from_url(url) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_without_any_engine_there_is_an_error_that_names_each_source(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"wheel .*nowhere"):
        start_postgres([Source("wheel", tmp_path / "nowhere")])
    with pytest.raises(EngineUnavailable, match="Debian"):
        start_postgres([])
    with pytest.raises(EngineUnavailable, match=r"path .*nowhere"):
        start_redis([RedisSource("path", tmp_path / "nowhere")])


def test_only_root_changes_the_account() -> None:
    assert engine_account(1000) == Account(None, None)
    assert engine_account(0).uid not in (0, None)


@as_root
def test_as_root_programs_out_of_reach_are_copied(locked_tree: Path) -> None:
    account = engine_account(0)
    folder = open_folder(account)
    try:
        assert not reachable(locked_tree, account)
        copy = within_reach(locked_tree, account, folder)
        assert copy.parent == folder
        assert reachable(copy / "bin" / "postgres", account)
    finally:
        shutil.rmtree(folder)


@as_root
def test_as_root_a_server_starts_from_programs_out_of_reach(locked_tree: Path) -> None:
    server = start_postgres([Source("locked", locked_tree)])
    server.stop()


@pytest.fixture
def locked_tree(tmp_path: Path) -> Iterator[Path]:
    source = next(postgres_sources())
    tree = tmp_path / "locked" / source.tree.name
    shutil.copytree(source.tree, tree, symlinks=True)
    tree.parent.chmod(0o700)
    yield tree
    shutil.rmtree(tree.parent)


@as_root
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no Python nobody can run")
def test_without_root_the_same_server_starts() -> None:
    nobody = engine_account(0)
    program = (
        "import os; from tests.engines.postgres import *; assert os.geteuid() != 0;"
        "start_postgres(list(postgres_sources())).stop()"
    )
    subprocess.run(
        ["/usr/bin/python3", "-c", program],
        check=True,
        timeout=60,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.defpath},
        user=nobody.uid,
        group=nobody.gid,
        extra_groups=[],
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Linux promise")
def test_a_killed_test_run_leaves_no_server_behind(tmp_path: Path) -> None:
    program = (
        "import os, signal; from tests.engines.postgres import *;"
        "server = start_postgres(list(postgres_sources()));"
        "print(server.process.pid, server.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    pid, folder = done.stdout.split()
    assert ended(int(pid))
    shutil.rmtree(folder)


def ended(pid: int) -> bool:
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False
