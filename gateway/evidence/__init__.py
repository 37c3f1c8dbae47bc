"""The evidence: what was asked, decided, shown and refused, written with what it records."""

from gateway.evidence.entry import Action, Actor, Entry, PersonalContent, Subject
from gateway.evidence.log import Gap, Log

__all__ = ["Action", "Actor", "Entry", "Gap", "Log", "PersonalContent", "Subject"]
