"""How access is wired: who may do what, decided for every request."""

from gateway.access.admission import Access, Signatory
from gateway.access.keys import signing_key
from gateway.access.looks.routes import Desk
from gateway.access.policy import load_policy
from gateway.wiring.ground import Ground
from gateway.wiring.looks import wire_looks


def wire_access(ground: Ground) -> Access:
    """Who may do what, decided for every request."""
    address = ground.settings.public_url.rstrip("/")
    signatory = Signatory(signing_key(ground.keys.token), address, f"{address}/v1/token")
    return Access(
        ground.database,
        ground.log,
        ground.clock,
        ground.identifiers,
        signatory,
        load_policy(ground.settings.access.policy_file),
        wire_looks(ground),
    )


def wire_stop_desk(ground: Ground, access: Access) -> Desk:
    """The desk behind the doors of stops."""
    return Desk(ground.database, ground.clock, ground.log, access)
