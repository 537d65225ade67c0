"""Seeds that a failed run can be repeated with, and databases of both kinds."""

import os
import random
import sys
from collections.abc import Iterator

import pytest

from tests.faults.postgres import postgres


@pytest.fixture
def seed() -> int:
    """The seed of this test's accidents: printed, and `GIGMARKET_SEED` gives the same again."""
    chosen = int(os.environ.get("GIGMARKET_SEED") or random.SystemRandom().randrange(1_000_000))
    sys.stdout.write(f"GIGMARKET_SEED={chosen}\n")
    return chosen


@pytest.fixture
def rng(seed: int) -> random.Random:
    """Chance, by the seed."""
    return random.Random(seed)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of a new database of either kind; PostgreSQL takes its time."""
    if request.param == "sqlite":
        yield {}
    else:
        with postgres() as running:
            yield {"GIGMARKET_DATABASE_URL": running.url}
