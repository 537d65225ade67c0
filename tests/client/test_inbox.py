"""What waits between the socket and the one who follows the stream."""

from datetime import UTC, datetime

import pytest

from gigmarket.client.hearing import Event
from gigmarket.client.inbox import ROOM, Inbox
from gigmarket.wire.frames import State


def event(seq: int) -> Event:
    return Event(t="event", seq=seq, kind="gig.created", data={}, at=datetime(2026, 7, 31, tzinfo=UTC))


async def test_a_full_inbox_stops_the_reading_but_not_an_answer() -> None:
    inbox = Inbox()
    for seq in range(ROOM):
        assert inbox.has_room(answers=False)
        inbox.put(event(seq))
    assert not inbox.has_room(answers=False)
    assert inbox.has_room(answers=True)
    assert await anext(inbox) == event(0)
    assert inbox.has_room(answers=False)


async def test_of_a_state_only_the_latest_value_waits_and_takes_no_room() -> None:
    inbox = Inbox()
    for open_gigs in range(1000):
        inbox.put(State(t="state", key="market.counters", data={"open": open_gigs}))
    assert len(inbox) == 0
    inbox.put(event(1))
    assert await anext(inbox) == event(1)
    state = await anext(inbox)
    assert isinstance(state, State)
    assert state.data == {"open": 999}


async def test_what_is_here_can_be_taken_after_the_end_and_then_its_reason_is_raised() -> None:
    inbox = Inbox()
    inbox.put(event(1))
    inbox.end(ValueError("closed"))
    inbox.end()
    assert await anext(inbox) == event(1)
    with pytest.raises(ValueError, match="closed"):
        await anext(inbox)
