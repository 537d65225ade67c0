"""The services' town, for background processes driven step by step."""

from tests.services.conftest import market, template, town

__all__ = ["market", "template", "town"]
