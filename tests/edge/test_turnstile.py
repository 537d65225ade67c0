"""The way in for a crowd: how many at once, to when the others are sent, and what is asked of a stranger."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from gigmarket.edge.turnstile import FIRST_RATE, LONGEST_S, MOST, TicketOffice, Turnstile

TICKETS = "/api/v1/ws-tickets"


@dataclass
class Clock:
    """Seconds, moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def full(clock: Clock) -> Turnstile:
    """With as many on their way in as may be."""
    turnstile = Turnstile(clock)
    assert [turnstile.come() for _ in range(MOST)] == [0] * MOST
    return turnstile


def test_a_place_becomes_free_when_somebody_is_in() -> None:
    turnstile = full(Clock())
    assert turnstile.come() > 0
    turnstile.leave()
    assert turnstile.come() == 0
    assert turnstile.come() > 0


def test_who_has_a_ticket_is_let_in_and_counts() -> None:
    turnstile = full(Clock())
    turnstile.join()
    turnstile.leave()
    assert turnstile.come() > 0


def test_a_crowd_is_spread_over_the_time_that_it_takes() -> None:
    turnstile = full(Clock())
    waits = Counter(turnstile.come() for _ in range(round(10 * FIRST_RATE)))
    assert sorted(waits) == list(range(1, 11))
    assert max(waits.values()) <= FIRST_RATE + 1


@given(st.lists(st.sampled_from(["come", "leave", "tick"]), max_size=400))
def test_nobody_is_sent_away_for_nothing_or_for_ever(doings: list[str]) -> None:
    clock = Clock()
    turnstile = full(clock)
    inside = MOST
    for doing in doings:
        if doing == "tick":
            clock.now += 0.4
        elif doing == "leave" and inside:
            turnstile.leave()
            inside -= 1
        elif doing == "come":
            wait_s = turnstile.come()
            assert (wait_s == 0) == (inside < MOST)
            assert 0 <= wait_s <= LONGEST_S
            inside += wait_s == 0


@pytest.mark.parametrize(("entered", "longest_s"), [(100, 21), (1000, 3)])
def test_the_waits_follow_how_many_came_in(entered: int, longest_s: int) -> None:
    clock = Clock()
    turnstile = full(clock)
    assert turnstile.come() == 1
    for _ in range(entered):
        turnstile.leave()
        assert turnstile.come() == 0
    clock.now += 1.0
    turnstile.leave()
    assert turnstile.come() == 0
    # So many more at what was measured take about so long.
    assert abs(max(turnstile.come() for _ in range(2000)) - longest_s) <= 1


@dataclass
class Slow:
    """An application that answers when told to, and notes what was asked of it."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    crowded: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked.append((scope["method"], scope["path"]))
        if len(self.asked) == MOST:
            self.crowded.set()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


async def test_beyond_the_crowd_a_problem_says_when_and_other_doors_stay_open() -> None:
    slow = Slow()
    office: Any = TicketOffice(slow, Turnstile())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=office), base_url="http://market") as http:
        crowd = [asyncio.create_task(http.post(TICKETS)) for _ in range(MOST)]
        await slow.crowded.wait()
        refused = await http.post(TICKETS)
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "/problems/unavailable"
        assert int(refused.headers["retry-after"]) >= 1
        elsewhere = asyncio.create_task(http.get("/api/v1/gigs/nearby"))
        slow.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*crowd, elsewhere)] == [201] * (MOST + 1)
        assert (await http.post(TICKETS)).status_code == 201
    assert len(slow.asked) == MOST + 2


async def test_who_fails_on_the_way_in_makes_room_again() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("no")

    turnstile = Turnstile()
    office: Any = TicketOffice(broken, turnstile)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=office), base_url="http://market") as http:
        with pytest.raises(RuntimeError):
            await http.post(TICKETS)
    assert turnstile.inside == 0
