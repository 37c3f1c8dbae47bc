"""How many calls a system has agreed to: counted in the store, so that nothing refills it."""

from gateway.calls.quota.limits import Limit, Limits, Period
from gateway.calls.quota.quota import Grant, Left, Quota

__all__ = ["Grant", "Left", "Limit", "Limits", "Period", "Quota"]
