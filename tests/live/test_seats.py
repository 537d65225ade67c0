"""Seats of an account over several server processes: the newest stay, the dead ones' are nobody's."""

import pytest

from gigmarket.live.connection import Client
from gigmarket.live.keys import Keys
from gigmarket.live.seats import PATIENCE_S, Seats

MOST = 3


@pytest.fixture
async def seats(redis: Client, keys: Keys) -> Seats:
    seats = Seats(redis, keys)
    for process in ("a", "b"):
        await seats.beat(process)
    return seats


async def test_the_oldest_go_whichever_process_holds_them(seats: Seats) -> None:
    for number in range(MOST):
        assert await seats.take([("w1", f"a:{number}")], MOST) == []
    assert [await seats.take([("w1", f"b:{number}")], MOST) for number in range(4)] == [
        ["a:0"],
        ["a:1"],
        ["a:2"],
        ["b:0"],
    ]
    assert await seats.take([("w2", "a:9")], MOST) == []


async def test_within_one_round_trip_the_order_counts_too(seats: Seats) -> None:
    """More than ten, whose numbers are not in the order of letters."""
    coming = [("w1", f"a:{number}") for number in range(12)]
    assert await seats.take(coming, MOST) == [f"a:{number}" for number in range(12 - MOST)]


async def test_who_left_has_no_seat(seats: Seats) -> None:
    await seats.take([("w1", f"a:{number}") for number in range(MOST)], MOST)
    await seats.leave([("w1", "a:1")])
    assert await seats.take([("w1", "b:0")], MOST) == []


async def test_seats_of_a_dead_process_are_nobodys(seats: Seats, redis: Client, keys: Keys) -> None:
    await seats.take([("w1", f"a:{number}") for number in range(MOST)], MOST)
    await redis.zincrby(keys.processes, -(PATIENCE_S + 1) * 1000, "a")
    assert [await seats.take([("w1", f"b:{number}")], MOST) for number in range(MOST)] == [[]] * MOST
    assert await seats.take([("w1", "b:3")], MOST) == ["b:0"]
