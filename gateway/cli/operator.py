"""Who works at this machine's command line, as entries name them."""

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.evidence import Actor


def operator() -> "Actor":
    """The operator, under the name of the account."""
    from gateway.evidence import Actor

    return Actor(caller="jisui", user=getpass.getuser(), role="operator", institution="")
