"""The one configuration, read once at the start; a file for each part of it."""

from gateway.settings.loading import (
    CONFIG_FILE,
    InvalidSettings,
    forget_environment,
    load_settings,
)
from gateway.settings.settings import PREFIX, Settings

__all__ = [
    "CONFIG_FILE",
    "PREFIX",
    "InvalidSettings",
    "Settings",
    "forget_environment",
    "load_settings",
]
