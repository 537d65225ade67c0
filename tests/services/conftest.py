"""A town per test, and one with a live store."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gigmarket.bootstrap import open_market, prepare_database
from gigmarket.services.market import Market
from gigmarket.settings import Settings
from tests.services.town import Town


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the city's stations, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    prepare_database(Settings(data=folder))
    return folder / "gigmarket.db"


@pytest.fixture
def town(template: Path, tmp_path: Path) -> Iterator[Town]:
    """A town at eight in the morning (its own time is UTC+8)."""
    shutil.copy(template, tmp_path / "gigmarket.db")
    town = Town(tmp_path / "gigmarket.db")
    yield town
    town.store.close()


@pytest.fixture
async def market(town: Town, valkey_url: str) -> AsyncIterator[Market]:
    """The town's market with an empty live store, by the town's clock."""
    market = open_market(Settings(data=town.path.parent, redis_url=valkey_url))
    market.store.close()
    market.store, market.clock = town.store, lambda: town.now
    await market.redis.flushdb()
    yield market
    await market.redis.aclose()
