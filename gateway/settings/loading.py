"""Reads the configuration: a TOML file, `JISUI_…` in the environment above it, secrets from files.

A value given in code wins over the environment, the environment over a file in the secrets folder,
that over the configuration file, and this over the defaults.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError

from contracts.errors import JisuiError
from gateway.settings.settings import NESTED, PREFIX, Settings

CONFIG_FILE = "JISUI_CONFIG"
SECRETS_FOLDER = "JISUI_SECRETS_DIR"


class InvalidSettings(JisuiError):
    """The configuration cannot be used; the text names keys and never values."""


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """The settings of this process, or `InvalidSettings` naming each key that is wrong.

    Without `file`, the one that `JISUI_CONFIG` names; `JISUI_SECRETS_DIR` names the folder of
    secrets, one file a key (`jisui_database_url`, `jisui_redis_url`).
    """
    named = os.environ.get(CONFIG_FILE)
    path = file or (Path(named) if named else None)
    if path is not None and not path.is_file():
        raise InvalidSettings(f"there is no configuration file {path}")
    refuse_unknown(os.environ)

    class Loaded(Settings):
        model_config = SettingsConfigDict(
            toml_file=path, secrets_dir=os.environ.get(SECRETS_FOLDER), title="Settings"
        )

    try:
        return Loaded(**given)
    except ValidationError as error:
        raise InvalidSettings(_faults(error)) from None
    except (SettingsError, TOMLDecodeError) as error:
        raise InvalidSettings(str(error)) from None  # the cause would show what was written


def forget_environment() -> None:
    """Drop every setting from the environment: only what is given from here on counts."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def refuse_unknown(environment: Iterable[str]) -> None:
    """Raise `InvalidSettings` for a name in the environment that would silently do nothing."""
    unknown = [name for name in environment if _is_unknown(name)]
    if unknown:
        raise InvalidSettings(f"unknown in the environment: {', '.join(sorted(unknown))}")


def _is_unknown(name: str) -> bool:
    if not name.startswith(PREFIX) or name in (CONFIG_FILE, SECRETS_FOLDER):
        return False
    first, *_ = name.removeprefix(PREFIX).lower().split(NESTED)
    return first not in Settings.model_fields


def _faults(error: ValidationError) -> str:
    """Each wrong key with what is wrong about it; what was written there may be a secret."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
