"""One configuration: the file and the program agree, the order of sources holds, secrets hide."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.settings import InvalidSettings, Settings, load_settings

FILE = Path(__file__).parents[2] / "docker" / "jisui.toml"
WITHOUT_DEFAULT = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("JISUI_")]:
        monkeypatch.delenv(name)


def keys(model: type[BaseModel] | BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name in type(model).model_fields if isinstance(model, BaseModel) else model.model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def written(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from written(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_the_file_holds_every_key_with_its_default() -> None:
    defaults = {name: value for name, value in keys(Settings()) if value is not None}
    found = dict(written(tomllib.loads(FILE.read_text())))
    assert {
        name: list(value) if isinstance(value, tuple) else value for name, value in defaults.items()
    } == {name: Path(value) if name == "keys_folder" else value for name, value in found.items()}


def test_the_file_shows_every_key_that_has_no_default(tmp_path: Path) -> None:
    whole = tmp_path / "whole.toml"
    whole.write_text(WITHOUT_DEFAULT.sub("", FILE.read_text()))
    found = {name for name, _ in written(tomllib.loads(whole.read_text()))}
    assert found == {name for name, _ in keys(Settings())}
    assert load_settings(whole).intake.reporting_deadline == date(2027, 9, 15)


def test_every_key_of_the_file_is_explained() -> None:
    for block in FILE.read_text().split("\n\n"):
        assert "# " in block or block.startswith("[systems."), block


def test_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('log_level = "DEBUG"\n[systems.population]\nseconds = 3\n')
    settings = load_settings(tmp_path / "a.toml")
    assert settings.log_level == "DEBUG"
    assert settings.systems.population.seconds == 3
    assert settings.systems.population.batch_limit == 5


def test_given_wins_over_the_environment_over_secrets_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.toml").write_text(
        'evidence_log = "file"\npublic_url = "http://file"\nredis_url = "redis://file"\n'
        'database_url = "sqlite+aiosqlite:///file"\n'
    )
    for name in ("redis_url", "public_url", "evidence_log"):
        (tmp_path / f"jisui_{name}").write_text("redis://secret\n")
    monkeypatch.setenv("JISUI_CONFIG", str(tmp_path / "a.toml"))
    monkeypatch.setenv("JISUI_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("JISUI_PUBLIC_URL", "http://environment")
    monkeypatch.setenv("JISUI_EVIDENCE_LOG", "environment")
    settings = load_settings(evidence_log="given")
    assert settings.evidence_log == "given"
    assert settings.public_url == "http://environment"
    assert settings.redis_url == "redis://secret"
    assert settings.database_url == "sqlite+aiosqlite:///file"


def test_nested_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISUI_SYSTEMS__POPULATION__URL", "http://127.0.0.1:1/base/path")
    monkeypatch.setenv("JISUI_INTAKE__WINDOWS__CARRY", WINDOW)
    settings = load_settings(systems={"population": {"at_once": 2}})
    assert settings.systems.population.url == "http://127.0.0.1:1/base/path"
    assert settings.systems.population.at_once == 2
    assert settings.intake.windows.carry[0].opens.isoformat() == "2027-08-20T08:00:00+08:00"


WINDOW = '[{"opens":"2027-08-20T08:00:00+08:00","closes":"2027-08-21T08:00:00+08:00"}]'


def test_a_further_system_needs_no_change_here() -> None:
    settings = load_settings(systems={"enrolment_platform": {"url": "http://127.0.0.1:1"}})
    names = ["preschool", "student_status", "population", "enrolment_platform"]
    assert list(settings.systems.named()) == names
    assert settings.systems.named()["enrolment_platform"].seconds == 10


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("database_url", "oracle://user:canary@host"),
        ("database_url", "postgresql+asyncpg://user:canary@host/x\n"),
        ("redis_url", "http://user:canary@host"),
        ("public_url", "http://user:canary@host"),
        ("systems", {"population": {"url": "ftp://canary"}}),
        ("systems", {"population": {"seconds": 0}}),
        ("systems", {"population": {"sekonds": "canary"}}),
        ("systems", {"fourth": {"sekonds": "canary"}}),
        ("listen", {"port": 70_000}),
        ("log_level", "canary"),
        ("intake", {"windows": {"carry": [{"opens": "2027-08-20T08:00:00", "closes": "canary"}]}}),
        ("unknown", "canary"),
    ],
)
def test_a_wrong_value_is_refused_by_key_and_never_shown(key: str, value: object) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        load_settings(**{key: value})
    assert key in str(refusal.value)
    assert "canary" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_a_window_that_closes_before_it_opens_is_refused() -> None:
    at = "2027-08-20T08:00:00+08:00"
    with pytest.raises(InvalidSettings, match="closes after it opens"):
        load_settings(intake={"windows": {"carry": [{"opens": at, "closes": at}]}})


@pytest.mark.parametrize("name", ["JISUI_LOGLEVEL", "JISUI_SYSTEM__POPULATION__URL"])
def test_a_mistyped_name_in_the_environment_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "canary")
    with pytest.raises(InvalidSettings, match=name):
        load_settings()


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="no configuration file"):
        load_settings(tmp_path / "nowhere.toml")
    (tmp_path / "a.toml").write_text("database_url = canary\n")
    with pytest.raises(InvalidSettings, match="line 1") as refusal:
        load_settings(tmp_path / "a.toml")
    assert "canary" not in str(refusal.value)


def test_secrets_are_in_no_repr() -> None:
    settings = load_settings(
        database_url="postgresql+asyncpg://user:canary@host/x", redis_url="redis://:canary@host"
    )
    assert "canary" not in repr(settings)
    assert "canary" not in str(settings)


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.log_level = "DEBUG"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.listen.port = 1  # type: ignore[misc]


def test_only_sqlite_is_embedded() -> None:
    assert load_settings().embedded
    assert not load_settings(database_url="postgresql+asyncpg://host/x").embedded


def test_no_other_module_reads_the_environment() -> None:
    root = FILE.parents[1]
    reading = [
        path.relative_to(root).as_posix()
        for floor in ("contracts", "mappings", "adapters", "gateway")
        for path in (root / floor).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    ]
    assert reading == ["gateway/settings/loading.py"]
