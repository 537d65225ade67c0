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

from gigmarket.edge.turnstile import COMING_S, FIRST_RATE, LONGEST_S, MEASURED_S, MOST, TicketOffice, Turnstile

TICKETS = "/api/v1/ws-tickets"


@dataclass
class Clock:
    """Seconds, moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def full(clock: Clock) -> Turnstile:
    """With as many on their way in as may be: all have asked, none was answered."""
    turnstile = Turnstile(clock)
    assert [turnstile.ask() for _ in range(MOST)] == [0] * MOST
    return turnstile


def enter(turnstile: Turnstile) -> None:
    """One who has asked gets a ticket, comes with it, and is in."""
    turnstile.answered(True)
    turnstile.come()
    turnstile.leave()


def test_a_place_becomes_free_when_somebody_is_in_or_was_refused() -> None:
    turnstile = full(Clock())
    assert turnstile.ask() > 0
    enter(turnstile)
    assert turnstile.ask() == 0
    assert turnstile.ask() > 0
    turnstile.answered(False)
    assert turnstile.ask() == 0


def test_who_has_a_ticket_is_waited_for_but_not_for_long() -> None:
    turnstile = full(clock := Clock())
    for _ in range(MOST):
        turnstile.answered(True)
    assert turnstile.ask() > 0
    clock.now += COMING_S
    assert turnstile.inside == 0
    # Late or from another process's crowd: nobody with a ticket is turned away.
    turnstile.come()
    assert turnstile.inside == 1


def test_a_crowd_is_spread_over_the_time_that_it_takes() -> None:
    turnstile = full(Clock())
    crowd = round(10 * FIRST_RATE) - 1
    waits = Counter(turnstile.ask() for _ in range(crowd))
    assert sorted(waits) == list(range(1, 11))
    assert max(waits.values()) <= FIRST_RATE + 1
    assert turnstile.turned_away == crowd


@given(st.lists(st.sampled_from(["ask", "enter", "refuse", "tick"]), max_size=400))
def test_nobody_is_sent_away_for_nothing_or_for_ever(doings: list[str]) -> None:
    turnstile, asked = full(clock := Clock()), MOST
    for doing in doings:
        if doing == "tick":
            clock.now += 0.4
        elif doing == "ask":
            wait_s = turnstile.ask()
            assert (wait_s == 0) == (asked < MOST)
            assert 0 <= wait_s <= LONGEST_S
            asked += wait_s == 0
        elif asked:
            asked -= 1
            if doing == "enter":
                enter(turnstile)
            else:
                turnstile.answered(False)
        assert turnstile.inside == asked


@pytest.mark.parametrize(("entered", "longest_s"), [(300, 7), (1200, 5), (6000, 2)])
def test_the_waits_follow_how_many_came_in(entered: int, longest_s: int) -> None:
    turnstile = full(clock := Clock())
    assert turnstile.ask() == 1
    for _ in range(entered):
        enter(turnstile)
        assert turnstile.ask() == 0
    clock.now += MEASURED_S
    enter(turnstile)
    assert turnstile.ask() == 0
    # So many more at what was measured take about so long.
    assert abs(max(turnstile.ask() for _ in range(2000)) - longest_s) <= 1


def test_the_end_of_a_crowd_is_not_taken_for_slowness() -> None:
    turnstile = full(clock := Clock())
    assert turnstile.ask() == 1
    for _ in range(MOST - 1):
        enter(turnstile)
    clock.now += 10.0
    enter(turnstile)
    assert [turnstile.ask() for _ in range(MOST)] == [0] * MOST
    assert max(turnstile.ask() for _ in range(round(FIRST_RATE))) <= 2


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
    assert len(slow.asked) == MOST + 1


async def test_who_fails_on_the_way_in_makes_room_again() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("no")

    turnstile = Turnstile()
    office: Any = TicketOffice(broken, turnstile)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=office), base_url="http://market") as http:
        with pytest.raises(RuntimeError):
            await http.post(TICKETS)
    assert turnstile.inside == 0
