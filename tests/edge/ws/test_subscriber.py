"""A place in a stream: each event once, in order, none before the start, and every gap noticed."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import AccountId, Role
from gigmarket.edge.ws.socket import Socket
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.wire.bus import Outgoing
from gigmarket.wire.framing import text_frame

ACTOR = Actor(AccountId("w1"), Role.WORKER, "s1")


class Taken(Socket):
    """A socket that keeps the frames instead of sending them."""

    def __init__(self) -> None:
        self.seqs: list[int] = []

    def send(self, frame: bytes, counted: bool = True) -> None:
        self.seqs.append(json.loads(frame[2:])["seq"])


def event(seq: int) -> Outgoing:
    return ("worker:w1", seq, text_frame(json.dumps({"seq": seq}).encode()))


def subscribed(start: int | None = 0) -> tuple[Subscriber, list[int]]:
    socket = Taken()
    subscriber = Subscriber(ACTOR, socket)
    if start is not None:
        subscriber.start(start)
    return subscriber, socket.seqs


def offer(subscriber: Subscriber, *events: Outgoing) -> None:
    for each in events:
        subscriber.offer(each)


def test_events_pass_in_order_and_once() -> None:
    subscriber, seqs = subscribed(3)
    offer(subscriber, event(3), event(4), event(5), event(5), event(4), event(6))
    assert seqs == [4, 5, 6]
    assert (subscriber.sent, subscriber.behind) == (6, False)


def test_a_gap_is_noticed_and_nothing_passes_over_it() -> None:
    subscriber, seqs = subscribed()
    offer(subscriber, event(1), event(3))
    assert (seqs, subscriber.behind) == ([1], True)
    subscriber.fill([event(2), event(3)])  # as read from SQL
    assert seqs == [1, 2, 3]


def test_before_the_start_events_are_held_back() -> None:
    subscriber, seqs = subscribed(start=None)
    offer(subscriber, event(4), event(5))
    offer(subscriber, event(6))
    assert (seqs, subscriber.started, subscriber.sent) == ([], False, 0)
    subscriber.start(4)  # the snapshot was read after event 4
    assert (seqs, subscriber.started, subscriber.behind) == ([5, 6], True, False)


def test_a_gap_among_the_held_back_is_noticed_at_the_start() -> None:
    subscriber, seqs = subscribed(start=None)
    offer(subscriber, event(6))
    subscriber.start(4)
    assert (seqs, subscriber.behind) == ([], True)


@pytest.mark.parametrize("role", [Role.WORKER, Role.EMPLOYER])
def test_the_principal_is_the_actors_own(role: Role) -> None:
    assert Subscriber(Actor(AccountId("a7"), role, "s"), Taken()).principal == f"{role.value}:a7"


@given(st.integers(0, 20), st.integers(0, 20), st.randoms(use_true_random=False))
def test_in_whatever_order_and_number_they_come(head: int, more: int, rng: random.Random) -> None:
    """However the bus shuffles, doubles or loses: a prefix without holes, and whole after the catch-up."""
    last = head + more
    arriving = [event(rng.randint(1, last)) for _ in range(3 * last)]
    subscriber, seqs = subscribed(start=None)
    cut = rng.randint(0, len(arriving))
    offer(subscriber, *arriving[:cut])
    subscriber.start(head)
    offer(subscriber, *arriving[cut:])
    assert seqs == list(range(head + 1, head + 1 + len(seqs)))
    subscriber.fill([event(seq) for seq in range(subscriber.sent + 1, last + 1)])
    assert seqs == list(range(head + 1, last + 1))
