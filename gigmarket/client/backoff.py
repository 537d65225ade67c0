"""How long to wait before trying again: full jitter, so that a thousand clients do not return at once."""

import random

FIRST_S = 0.5
LAST_S = 20.0


def backoff(attempt: int, rng: random.Random) -> float:
    """Seconds until try number `attempt` (from 0): anywhere in a window that doubles from 0.5 to 20 s."""
    return rng.random() * min(LAST_S, FIRST_S * 2.0 ** min(attempt, 10))
