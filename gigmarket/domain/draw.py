"""The verifiable draw (抽签) between workers who are alike.

A dispatcher's term begins with a secret of 32 bytes, hashed `length` times; the last hash, the anchor, is
published before the first round. Round n uses hash number length − n as its seed and reveals it afterwards:
hashed once it gives the seed before it, hashed n times the anchor, so nobody could choose it after seeing who
waits (Lamport's chain, 1981). Tickets come from the seed and the worker's key by splitmix64, which anyone can
recompute.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.ids import WorkerId

LENGTH = 100_000
"""Rounds that one anchor is good for: a dispatcher with more opens another chain."""


@dataclass(frozen=True, slots=True)
class Chain:
    """All seeds of a term; `seeds[n]` is that of turn n, and `seeds[0]` the anchor."""

    seeds: tuple[bytes, ...]

    @property
    def anchor(self) -> bytes:
        """What is published before the first turn."""
        return self.seeds[0]


def chain(secret: bytes, length: int = LENGTH) -> Chain:
    """The seeds of a term, from a secret that is forgotten with it."""
    seeds = [hashlib.sha256(secret).digest()]
    for _ in range(length):
        seeds.append(hashlib.sha256(seeds[-1]).digest())
    return Chain(tuple(reversed(seeds)))


def verify(anchor: bytes, turn: int, seed: bytes) -> bool:
    """Whether this seed is the one the anchor promised for this turn."""
    for _ in range(turn):
        seed = hashlib.sha256(seed).digest()
    return seed == anchor


def key_of(worker: WorkerId) -> int:
    """The worker's number in draws: the first 8 bytes of the id's SHA-256, big-endian."""
    return int.from_bytes(hashlib.sha256(worker.encode()).digest()[:8], "big")


def tickets(seed: bytes, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A number in [0, 1) per key: splitmix64 (Steele, Lea, Flood 2014) of key + the seed's first 8 bytes."""
    with np.errstate(over="ignore"):
        mixed = keys + np.uint64(int.from_bytes(seed[:8], "big")) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    drawn: NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return drawn


def tickets_of(seed_hex: str, keys: Sequence[int]) -> list[float]:
    """The same for a seed in hex and whole numbers."""
    drawn: list[float] = tickets(bytes.fromhex(seed_hex), np.array(keys, dtype=np.uint64)).tolist()
    return drawn


def steps(cost: NDArray[np.float64], ticket: NDArray[np.float64], alike_s: float) -> NDArray[np.float64]:
    """In which step of `alike_s` (> 0) seconds costs lie: in the same one, only the tickets tell them apart.

    A cost is the beginning of its step and the ticket's share of a step (`costs.drawn`), so a cost that was
    rounded to hundredths has its step still.
    """
    found: NDArray[np.float64] = np.round((cost - ticket * alike_s) / alike_s)
    return found


def same_step(first: tuple[float, float], second: tuple[float, float], alike_s: float) -> bool:
    """Whether two (cost, ticket) were told apart by the draw; never where a policy has no steps."""
    if alike_s <= 0:
        return False
    one, other = (round((cost - ticket * alike_s) / alike_s) for cost, ticket in (first, second))
    return one == other
