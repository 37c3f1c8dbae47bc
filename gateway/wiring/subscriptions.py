"""How subscriptions are wired: granting them and steering them."""

import secrets

from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.granting import Granting
from gateway.feed.subscribing.steering import Steering
from gateway.wiring.ground import Ground


def wire_granting(ground: Ground) -> Granting:
    """What granting needs."""
    return Granting(
        sealer=ground.sealer,
        clock=ground.clock,
        identifiers=ground.identifiers,
        log=ground.log,
        policies=load_field_policies(),
        random_bytes=secrets.token_bytes,
    )


def wire_steering(ground: Ground) -> Steering:
    """What steering needs."""
    return Steering(
        sealer=ground.sealer,
        clock=ground.clock,
        identifiers=ground.identifiers,
        log=ground.log,
        policies=load_field_policies(),
        random_bytes=secrets.token_bytes,
    )
