"""The search for an order: histories that have one, and histories that have none."""

import random
from itertools import combinations, permutations
from math import inf

import pytest

from tests.faults.linear import START, Op, linear, merged, step

pytestmark = pytest.mark.faults

TAKE, NO, CLOSED = "a1", "declined", "offer-closed"


def accept(begun: float, ended: float, answer: str = TAKE) -> Op:
    return Op("accept", begun, ended, answer)


def refused(name: str, begun: float, ended: float, code: str = CLOSED) -> Op:
    return Op(name, begun, ended, code, refused=True)


def read(at: float, status: str) -> Op:
    return Op("read", at, at, status)


GOOD = {
    "an accept": [accept(0, 1), read(2, "accepted")],
    "asked again": [accept(0, 1), accept(2, 3), read(4, "accepted")],
    "accept and decline at once, the accept first": [accept(0, 2), refused("decline", 1, 3)],
    "accept and decline at once, the decline first": [
        refused("accept", 0, 3),
        Op("decline", 1, 2),
        read(4, NO),
    ],
    "in time": [accept(0, 1), Op("expire", 2, 2), read(3, "accepted")],
    "too late": [Op("expire", 1, 1), refused("accept", 2, 3), read(4, "expired")],
    "around its end, either way": [Op("expire", 1, 1), accept(0.9, 1.1), read(2, "accepted")],
    "extended, then taken": [Op("extend", 0, 1), refused("extend", 2, 3), accept(4, 5), read(6, "accepted")],
    "nobody knows, and it happened": [Op("accept", 0), read(9, "accepted")],
    "nobody knows, and it did not": [Op("accept", 0), Op("expire", 5, 5), read(9, "expired")],
    "nobody knew until much later": [Op("accept", 0), accept(8, 9), read(10, "accepted")],
    "called off while accepting": [Op("cancel", 0, 3), refused("accept", 1, 2), read(4, "withdrawn")],
    "another's": [refused("accept", 2, 3, "not-found"), accept(0, 1), read(4, "accepted")],
}
BAD = {
    "two seats": [accept(0, 1), accept(0, 1, "a2")],
    "taken and refused": [accept(0, 1), refused("accept", 2, 3)],
    "taken, then declined": [accept(0, 1), Op("decline", 2, 3)],
    "taken after its end": [Op("expire", 1, 1), accept(2, 3)],
    "refused before its end": [refused("accept", 0, 1), Op("expire", 2, 2), read(3, "expired")],
    "acknowledged and lost": [accept(0, 1), Op("expire", 2, 2), read(3, "expired")],
    "taken after it was called off": [Op("cancel", 0, 1), accept(2, 3)],
    "extended twice": [Op("extend", 0, 1), Op("extend", 2, 3)],
    "declined by nobody": [read(3, NO)],
    "happened before it was asked": [read(1, "accepted"), Op("accept", 2)],
    "an overlap with itself": [accept(0, 1), refused("accept", 2, 3, "overlap")],
}


@pytest.mark.parametrize("ops", GOOD.values(), ids=GOOD)
def test_these_have_an_order(ops: list[Op]) -> None:
    assert linear(ops)


@pytest.mark.parametrize("ops", BAD.values(), ids=BAD)
def test_these_have_none(ops: list[Op]) -> None:
    assert not linear(ops)


def test_a_hundred_at_once_are_searched_soon() -> None:
    """Nobody's order is known, and one is found; with one answer that fits nowhere, none is."""
    rng = random.Random(7)
    crowd = [accept(rng.random(), 2 + rng.random()) for _ in range(60)]
    crowd += [refused("decline", rng.random(), 2 + rng.random()) for _ in range(40)]
    assert linear([*crowd, read(4, "accepted")])
    assert not linear([*crowd, Op("decline", 0.5, 2.5), read(4, "accepted")])
    assert not linear([*crowd, accept(0.5, 2.5, "a2"), read(4, "accepted")])


def test_repeats_under_one_key_are_one_operation() -> None:
    twice = [("k", Op("decline", 0, 5)), ("k", Op("decline", 1, 2)), ("k", Op("decline", 3))]
    assert merged(twice) == [Op("decline", 0, 2)]
    assert not linear([op for _, op in twice[:2]])
    assert merged([("k", Op("accept", 1)), ("k", Op("accept", 2))]) == [Op("accept", 1, inf)]


def brute(ops: list[Op]) -> bool:
    """Every order of every subset, tried one by one."""
    must, may = [op for op in ops if not op.optional], [op for op in ops if op.optional]
    for size in range(len(may) + 1):
        for some in combinations(may, size):
            for order in permutations([*must, *some]):
                if any(b.ended < a.begun for i, a in enumerate(order) for b in order[i + 1 :]):
                    continue
                state = START
                for op in order:
                    after = step(state, op)
                    if after is None:
                        break
                    state = after
                else:
                    return True
    return False


def test_the_search_agrees_with_trying_everything() -> None:
    rng, verdicts = random.Random(20260731), []
    for _ in range(1500):
        ops = []
        for _ in range(rng.randint(2, 5)):
            begun = rng.randint(0, 6)
            ended = rng.choice([begun + rng.randint(0, 4), inf])
            name = rng.choice(["accept", "decline", "extend", "cancel", "expire", "read"])
            if ended != inf and name in ("accept", "decline", "extend") and rng.random() < 0.4:
                ops.append(refused(name, begun, ended))
            else:
                answer = rng.choice(["a1", "a2"]) if name == "accept" and ended != inf else None
                answer = rng.choice(["pending", "accepted", NO, "expired"]) if name == "read" else answer
                ops.append(Op(name, begun, begun if name == "read" else ended, answer))
        verdicts.append(linear(ops))
        assert verdicts[-1] == brute(ops), ops
    assert 200 < sum(verdicts) < 1300
