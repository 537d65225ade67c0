"""A sentence for people, in Chinese and in English, and how it says times and money."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str

    def __add__(self, other: "Sentence") -> "Sentence":
        return Sentence(self.zh + other.zh, f"{self.en} {other.en}".strip())


def minutes(seconds: float) -> int:
    """Whole minutes, rounded up, at least one."""
    return max(1, math.ceil(seconds / 60))


def spoken_span(seconds: float) -> Sentence:
    """A wait in words: 25 minutes, 4 hours."""
    if seconds < 5400:
        n = minutes(seconds)
        return Sentence(f"{n} 分钟", f"{n} minute{'s' if n > 1 else ''}")
    hours = round(seconds / 1800) / 2
    return Sentence(f"{hours:g} 小时", f"{hours:g} hours")


def yuan(fen: int) -> str:
    """Fen as yuan: ¥180, or ¥180.50."""
    return f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.2f}"
