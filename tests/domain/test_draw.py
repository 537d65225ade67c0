"""The draw can be checked by anyone: a chain of hashes, and tickets that follow from seed and worker."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.draw import LENGTH, chain, key_of, same_step, steps, tickets, tickets_of, verify
from gigmarket.domain.ids import WorkerId

SEEDS = st.binary(min_size=32, max_size=32)
KEYS = st.integers(0, 2**64 - 1)


def by_hand(seed: bytes, key: int) -> float:
    """Splitmix64 in whole numbers, as its authors wrote it down."""
    state = (key + int.from_bytes(seed[:8], "big") + 0x9E3779B97F4A7C15) % 2**64
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
    state ^= state >> 31
    return (state >> 11) / 2**53


def one(seed: bytes, key: int) -> float:
    """The ticket of a single key."""
    return float(tickets(seed, np.array([key], dtype=np.uint64))[0])


@given(st.binary(max_size=40), st.integers(0, 50))
def test_each_seed_is_the_one_the_anchor_promised(secret: bytes, length: int) -> None:
    made = chain(secret, length)
    assert len(made.seeds) == length + 1
    assert made.anchor == made.seeds[0]
    assert all(verify(made.anchor, turn, seed) for turn, seed in enumerate(made.seeds))
    for turn, seed in enumerate(made.seeds[1:], 1):
        assert hashlib.sha256(seed).digest() == made.seeds[turn - 1]


@given(SEEDS, SEEDS)
def test_another_seed_or_another_turn_is_refused(secret: bytes, other: bytes) -> None:
    made = chain(secret, 5)
    assert not verify(made.anchor, 2, made.seeds[3])
    assert not verify(made.anchor, 3, made.seeds[2])
    if other != made.seeds[3]:
        assert not verify(made.anchor, 3, other)


def test_no_seed_of_a_term_comes_twice() -> None:
    assert len(set(chain(b"secret").seeds)) == LENGTH + 1


def test_a_chain_is_the_one_of_its_secret() -> None:
    made = chain(b"secret", 2)
    assert [seed.hex()[:16] for seed in made.seeds] == [
        hashlib.sha256(hashlib.sha256(hashlib.sha256(b"secret").digest()).digest()).hexdigest()[:16],
        hashlib.sha256(hashlib.sha256(b"secret").digest()).hexdigest()[:16],
        "2bb80d537b1da3e3",
    ]


@given(SEEDS, st.lists(KEYS, max_size=8))
def test_tickets_can_be_recomputed_by_hand(seed: bytes, keys: list[int]) -> None:
    assert tickets(seed, np.array(keys, dtype=np.uint64)).tolist() == [by_hand(seed, key) for key in keys]


@pytest.mark.parametrize(
    ("seed", "key", "first"),
    [
        # The published first outputs of splitmix64 for the states 0 and 1234567.
        (bytes(32), 0, 0xE220A8397B1DCDAF),
        (bytes(32), 1_234_567, 6_457_827_717_110_365_317),
        ((1_234_567).to_bytes(8, "big") + bytes(24), 0, 6_457_827_717_110_365_317),
    ],
)
def test_tickets_are_splitmix64(seed: bytes, key: int, first: int) -> None:
    assert one(seed, key) == (first >> 11) / 2**53


def test_a_workers_key_never_changes() -> None:
    assert key_of(WorkerId("w1")) == int(hashlib.sha256(b"w1").hexdigest()[:16], 16)
    assert key_of(WorkerId("w1")) != key_of(WorkerId("w2"))


@given(SEEDS, KEYS)
def test_a_ticket_lies_in_its_range(seed: bytes, key: int) -> None:
    assert 0.0 <= one(seed, key) < 1.0


def test_tickets_are_spread_evenly_over_workers_and_over_turns() -> None:
    keys = np.array([key_of(WorkerId(f"w{i}")) for i in range(20_000)], dtype=np.uint64)
    turns = chain(b"a secret of the test", 20_000).seeds[1:]
    of_workers = tickets(turns[0], keys)
    of_turns = np.array([one(seed, int(keys[0])) for seed in turns])
    for drawn in (of_workers, of_turns):
        counts = np.histogram(drawn, bins=20, range=(0.0, 1.0))[0]
        # 1,000 in each, give or take four standard deviations of 31; the seeds are fixed, so is the outcome.
        assert counts.min() > 876
        assert counts.max() < 1124


def test_luck_in_one_turn_says_nothing_about_the_next() -> None:
    keys = np.array([key_of(WorkerId(f"w{i}")) for i in range(20_000)], dtype=np.uint64)
    _, first, second = chain(b"a secret of the test", 2).seeds
    together = np.corrcoef(tickets(first, keys), tickets(second, keys))[0, 1]
    assert abs(together) < 4 / np.sqrt(len(keys))


@given(st.integers(-500, 500), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_costs_of_one_step_are_alike_whatever_was_drawn(step: int, mine: float, yours: float) -> None:
    costs = [round(10 * step + 10 * ticket, 2) for ticket in (mine, yours)]
    assert steps(np.array(costs), np.array([mine, yours]), 10).tolist() == [step, step]
    assert same_step((costs[0], mine), (costs[1], yours), 10)
    assert not same_step((costs[0], mine), (costs[1] + 10, yours), 10)


def test_without_steps_nothing_is_drawn() -> None:
    assert not same_step((700.0, 0.5), (700.0, 0.5), 0)


def test_tickets_of_whole_numbers_are_the_same() -> None:
    keys = [0, 2**64 - 1, 7]
    assert tickets_of("ab" * 32, keys) == [by_hand(bytes.fromhex("ab" * 32), key) for key in keys]
    assert tickets_of("ab" * 32, []) == []
