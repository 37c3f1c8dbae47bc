"""What tests of subscriptions may ask for."""

import pytest

from gateway.database import Database
from tests.feed.subscribing.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    """An operator's desk over a migrated store, once on each engine."""
    return Office(database)
