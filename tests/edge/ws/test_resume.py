"""Streams that break off and go on: the missed events once and in order, or a snapshot, never a silent gap."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from gigmarket.domain.ids import Principal, StreamOwner
from gigmarket.store.transaction import Transaction
from gigmarket.wire.frames import REPLAY_EVENTS
from tests.serving import Person, Serving, place
from tests.talking import Stream, offered, ok, post_gig, stream_of


def append(served: Serving, owner: Person, count: int) -> None:
    """Events on somebody's stream, committed and told to nobody."""

    def write(tx: Transaction) -> None:
        for number in range(count):
            tx.tell(Principal(StreamOwner(owner.role), owner.id), "gig.updated", b'{"number":%d}' % number)

    served.store.transact_now(write)


async def test_missed_events_come_once_and_in_order(served: Serving) -> None:
    employer, where = served.person("employer"), place()
    async with stream_of(served, employer) as first:
        await post_gig(served, employer, where)
        await first.event("gig.created")
        epoch, seq = first.epoch, first.seq
    missed = [(await post_gig(served, employer, where))["id"] for _ in range(3)]
    async with stream_of(served, employer, epoch, seq) as again:
        assert (again.welcome["resumed"], again.welcome["seq"]) == (True, seq + 3)
        events = await again.until(seq + 3)
        assert [event["data"]["gig"]["id"] for event in events] == missed
        await post_gig(served, employer, where)  # and the stream goes on live
        assert (await again.event("gig.created"))["seq"] == seq + 1
        await again.until(seq + 4)


async def test_a_stream_resumed_at_its_head_has_nothing_to_send(served: Serving) -> None:
    employer = served.person("employer")
    async with stream_of(served, employer) as first:
        epoch, seq = first.epoch, first.seq
    async with stream_of(served, employer, epoch, seq) as again:
        assert (again.welcome["resumed"], again.welcome["seq"]) == (True, seq)
        assert (await again.command("gig.cancel", {"gig_id": "none"}))["ok"] is False
        assert again.events == []


@pytest.mark.parametrize(
    ("epoch", "ahead"), [("another", 0), (None, 1)], ids=["another epoch", "more than there is"]
)
async def test_what_cannot_be_continued_starts_with_a_snapshot(
    served: Serving, epoch: str | None, ahead: int
) -> None:
    employer = served.person("employer")
    gig = await post_gig(served, employer, place())
    async with stream_of(served, employer) as first:
        known, seq = epoch or first.epoch, first.seq + ahead
        head = first.seq
    async with stream_of(served, employer, known, seq) as again:
        assert again.welcome["resumed"] is False
        assert again.seq == head
        assert [item["id"] for item in again.state["gigs"]] == [gig["id"]]


async def test_300_events_are_replayed_and_301_are_not(served: Serving) -> None:
    employer = served.person("employer")
    async with stream_of(served, employer) as first:
        epoch, seq = first.epoch, first.seq
    append(served, employer, REPLAY_EVENTS)
    async with stream_of(served, employer, epoch, seq) as again:
        assert again.welcome["resumed"]
        events = await again.until(seq + REPLAY_EVENTS)
        assert [event["data"]["number"] for event in events] == list(range(REPLAY_EVENTS))
    append(served, employer, 1)
    async with stream_of(served, employer, epoch, seq) as again:
        assert again.welcome["resumed"] is False
        assert again.seq == seq + REPLAY_EVENTS + 1


async def test_a_snapshot_is_what_the_events_led_to(served: Serving) -> None:
    worker, employer, offer = await offered(served, place())
    async with stream_of(served, worker) as fresh:
        assert [pending["id"] for pending in fresh.state["offers"]] == [offer["id"]]
        result = await fresh.command("offer.accept", {"offer_id": offer["id"]})
        created = await fresh.event("assignment.created")
        assert created["data"]["assignment"] == result["data"]["assignment"]
    async with stream_of(served, worker) as later, stream_of(served, employer) as hers:
        assert later.state["offers"] == []
        assert later.state["assignments"] == [created["data"]["assignment"]]
        assert [a["id"] for a in hers.state["assignments"]] == [created["data"]["assignment"]["id"]]
        (gig,) = hers.state["gigs"]
        assert (gig["status"], gig["filled"]) == ("filled", 1)


async def test_two_sockets_of_one_person_both_hear_everything(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    async with stream_of(served, worker) as phone, stream_of(served, worker) as tablet:
        assert (await phone.command("offer.accept", {"offer_id": offer["id"]}))["ok"]
        assert (await tablet.event("assignment.created")) == (await phone.event("assignment.created"))


async def test_acks_and_positions_need_no_answer(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    async with stream_of(served, worker) as mine:
        await mine.say({"t": "ack", "seq": mine.seq})
        await mine.say({"t": "ack", "seq": 0})
        await mine.say({"t": "pong"})
        await mine.say({"t": "position", "lat": 28.0, "lng": 115.0, "datum": "bd09"})
        assert (await mine.command("offer.decline", {"offer_id": offer["id"]}))["ok"]


async def test_a_binary_hello_is_understood(served: Serving) -> None:
    worker = served.person("worker")
    async with served.http(worker) as http:
        ticket = (await ok(http.post("/api/v1/ws-tickets"), 201))["ticket"]
    async with connect(served.ws_url, compression=None) as socket:
        await socket.send(json.dumps({"t": "hello", "ticket": ticket}).encode())
        stream: Any = Stream(socket)
        assert (await stream.hear())["t"] == "welcome"
