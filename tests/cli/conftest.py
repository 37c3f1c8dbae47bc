"""A terminal in an empty folder, and two worlds made once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from adapters.world_maker import Expected, make_world
from gateway.cli import main
from tests.cli.terminal import Terminal

MadeWorld = tuple[Path, Mapping[str, tuple[Expected, ...]]]
Ended = tuple[int, str, str]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal in an empty folder."""
    return Terminal(tmp_path, {})


@pytest.fixture(scope="session")
def varied_world(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """Eighty children, among them every essential case."""
    folder = tmp_path_factory.mktemp("varied") / "world"
    return folder, make_world(folder, 80, 20269)


@pytest.fixture(scope="session")
def plain_world(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """A few children who can all be carried, at two schools."""
    folder = tmp_path_factory.mktemp("plain") / "world"
    return folder, make_world(folder, 14, 7, plain=True)


@pytest.fixture
def jisui(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """The command without a process of its own: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), printed.out, printed.err

    return run
