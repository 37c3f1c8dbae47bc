"""Makes worlds of invented children, and says beforehand what has to become of each of them."""

from adapters.world_maker.made import Expected
from adapters.world_maker.maker import make_world

__all__ = ["Expected", "make_world"]
