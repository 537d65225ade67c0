"""The services' town, for a hub in the test's own process."""

from tests.services.conftest import market, template, town

__all__ = ["market", "template", "town"]
