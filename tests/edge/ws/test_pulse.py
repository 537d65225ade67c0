"""The timing wheel: who is due is ticked, once, when it said, and sooner when it is stirred."""

import asyncio
import math
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.edge.ws.pulse import MOST, TICK_S, Pulse
from gigmarket.edge.ws.socket import LOOK_S, Socket
from gigmarket.services.market import Market

T0 = 1000.0


class Clock:
    """A loop whose time stands until it is told to pass."""

    def __init__(self) -> None:
        self.now = T0

    def time(self) -> float:
        return self.now


class Sleeper:
    """A socket that is due again after so many seconds, each time it is ticked."""

    def __init__(self, pauses: list[float]) -> None:
        self._pauses = pauses
        self.ticks: list[float] = []

    def tick(self, now: float) -> float:
        self.ticks.append(now)
        return now + self._pauses[min(len(self.ticks), len(self._pauses)) - 1]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    it = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: it)
    return it


def wheel() -> Pulse:
    return Pulse(cast(Market, None), lambda _principal: None)


def watched(pulse: Pulse, *pauses: float) -> Sleeper:
    sleeper = Sleeper(list(pauses))
    pulse.watch(cast(Socket, sleeper))
    return sleeper


async def passes(pulse: Pulse, clock: Clock, seconds: float) -> None:
    for _ in range(round(seconds / TICK_S)):
        clock.now += TICK_S
        await pulse.tick()


async def test_a_socket_is_ticked_when_it_said_and_not_before(clock: Clock) -> None:
    pulse = wheel()
    one = watched(pulse, 25.0, 8.0, math.inf)
    await passes(pulse, clock, 60)
    first, second, third = one.ticks
    assert T0 + LOOK_S <= first <= T0 + LOOK_S + 2 * TICK_S
    assert first + 25 <= second <= first + 25 + 2 * TICK_S
    assert second + 8 <= third <= second + 8 + 2 * TICK_S


async def test_who_is_stirred_is_ticked_within_a_second_and_only_once(clock: Clock) -> None:
    pulse = wheel()
    one = watched(pulse, 25.0)
    await passes(pulse, clock, 2)
    for _ in range(3):
        pulse.stir(cast(Socket, one))
    await passes(pulse, clock, LOOK_S + 2 * TICK_S)
    assert len(one.ticks) == 2
    await passes(pulse, clock, 26)
    assert len(one.ticks) == 3


async def test_who_has_gone_is_ticked_no_more_and_kept_nowhere(clock: Clock) -> None:
    pulse = wheel()
    gone, there = watched(pulse, 25.0), watched(pulse, 25.0)
    await passes(pulse, clock, 2)
    pulse.forget(cast(Socket, gone))
    pulse.stir(cast(Socket, gone))
    await passes(pulse, clock, 60)
    assert (len(gone.ticks), len(there.ticks), len(pulse)) == (1, 3, 1)
    assert all(cast(Socket, gone) not in slot for slot in pulse._slots.values())


async def test_after_a_standstill_a_crowd_is_ticked_by_and_by(clock: Clock) -> None:
    pulse = wheel()
    crowd = []
    for _ in range(5 * MOST):
        clock.now += TICK_S / 10
        crowd.append(watched(pulse, 25.0))
    clock.now += 30.0
    ticked = []
    for _ in range(6):
        await pulse.tick()
        ticked.append(sum(len(one.ticks) for one in crowd))
    assert ticked[0] < 2 * MOST
    assert ticked[-1] == len(crowd)


@given(st.lists(st.tuples(st.sampled_from(["wait", "stir", "forget"]), st.floats(0.0, 12.0)), max_size=30))
def test_nobody_is_ever_late_by_more_than_two_ticks(steps: list[tuple[str, float]]) -> None:
    async def walk() -> None:
        clock = Clock()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio, "get_running_loop", lambda: clock)
            pulse = wheel()
        one = watched(pulse, 7.0)
        due = clock.now + LOOK_S
        for what, seconds in steps:
            seen = len(one.ticks)
            if what == "wait":
                for _ in range(int(seconds / TICK_S)):
                    clock.now += TICK_S
                    await pulse.tick()
                    if len(one.ticks) > seen:
                        assert due <= clock.now <= due + 2 * TICK_S
                        due, seen = clock.now + 7.0, len(one.ticks)
                    assert clock.now <= due + 2 * TICK_S
            elif what == "stir":
                pulse.stir(cast(Socket, one))
                due = min(due, clock.now + LOOK_S)
            else:
                pulse.forget(cast(Socket, one))
                assert not any(pulse._slots.values())
                one = watched(pulse, 7.0)
                due = clock.now + LOOK_S

    asyncio.run(walk())
