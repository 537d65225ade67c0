"""What every use case needs beside the transaction: the city's policy and a source of randomness."""

import random
import secrets
from dataclasses import dataclass, field

from gigmarket.domain.policy import DEFAULT, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """The city, its policy, and the randomness for ids and site codes (the operating system's by default)."""

    city: str = "zhangshu"
    policy: Policy = DEFAULT
    rng: random.Random = field(default_factory=secrets.SystemRandom)
