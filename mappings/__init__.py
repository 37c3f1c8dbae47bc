"""How their words become ours and ours theirs: crosswalk tables and a closed set of rules."""

from mappings.crosswalks import Crosswalks
from mappings.student_status.mapping import Written

__all__ = ["Crosswalks", "Written"]
