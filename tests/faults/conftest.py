"""Seeds that a failed run can be repeated with."""

import os
import random
import sys

import pytest


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
