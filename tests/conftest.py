"""What tests of more than one folder share: a running server, and a live store without one."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import settings

from gigmarket.live.embedded import EmbeddedValkey
from tests.serving import Serving, serving

# On a busy machine a slow example says nothing about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

HOURS_S = 6 * 3600
CALM = {"phone_offer_s": HOURS_S, "kiosk_offer_s": HOURS_S, "fresh_s": HOURS_S, "forget_s": HOURS_S}
"""Nothing expires by itself while tests look on, so that what changes is what the test did."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One whole server per test process, the demo's extras included, for tests that leave it as it is.

    Tests keep out of each other's way by their own people and places.
    """
    settings = {"GIGMARKET_POLICY": json.dumps(CALM), "GIGMARKET_DEMO": "true", "GIGMARKET_RATE_LIMITS": "on"}
    with serving(tmp_path_factory.mktemp("served"), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A live store per test process, for tests that need no server."""
    embedded = EmbeddedValkey(tmp_path_factory.mktemp("live"))
    yield embedded.start()
    embedded.stop()
