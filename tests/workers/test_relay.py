"""The relay: what was committed and never published arrives all the same, once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from gigmarket.domain.ids import Principal, StreamOwner
from gigmarket.live.bus import Bus
from gigmarket.live.connection import LiveDown, connect
from gigmarket.services.market import Market, outgoing_of
from gigmarket.store.tables import TABLES
from gigmarket.wire.bus import Outgoing, pack, unpack
from tests.services.town import Town
from tests.serving import Serving
from tests.talking import stream_of
from workers.relay import PATIENCE, WINDOW, Relay


@pytest.fixture
async def heard(market: Market) -> AsyncIterator["asyncio.Queue[Outgoing]"]:
    """What the bus carries, from now on."""
    queue: asyncio.Queue[Outgoing] = asyncio.Queue()
    listening = asyncio.Event()

    async def put(message: bytes) -> None:
        for event in unpack(message):
            await queue.put(event)

    async def gap() -> None:
        listening.set()

    task = asyncio.create_task(market.bus.listen(market.keys.bus, put, gap))
    async with asyncio.timeout(20):
        await listening.wait()
    yield queue
    task.cancel()
    await asyncio.wait([task])


async def test_an_event_nobody_was_told_arrives_on_the_socket(served: Serving) -> None:
    """As when a process dies between its commit and its publishing."""
    employer = served.person("employer")
    async with stream_of(served, employer) as hers:
        owner = Principal(StreamOwner.EMPLOYER, employer.id)
        served.store.transact_now(lambda tx: tx.tell(owner, "gig.updated", b'{"untold":true}'))
        event = await hers.event("gig.updated")
        assert (event["seq"], event["data"]) == (hers.welcome["seq"] + 1, {"untold": True})


async def test_what_was_heard_is_not_sent_again(
    town: Town, market: Market, heard: "asyncio.Queue[Outgoing]"
) -> None:
    relay, employer = Relay(market), town.employer()
    await relay.sweep(market)
    gig = town.gig(employer)  # committed, and the town publishes nothing
    told = [outgoing_of(event) for event in town.events]
    await relay.sweep(market)  # too young: it may be on its way
    town.wait(seconds=PATIENCE.total_seconds() + 0.1)
    await relay.sweep(market)
    async with asyncio.timeout(20):
        assert [await heard.get() for _ in told] == told
    assert gig.encode() in told[-1][2]

    await relay._hear(pack([outgoing_of(event) for event in town.events]))
    town.gig(employer)
    await relay._hear(pack([outgoing_of(town.events[-1])]))
    town.wait(seconds=2)
    await relay.sweep(market)
    last = ("employer:nobody", 1, b'{"t":"event"}')
    await market.bus.publish(pack([last]))
    async with asyncio.timeout(20):
        assert await heard.get() == last


async def test_what_it_sent_itself_is_not_sent_again_though_it_heard_nothing(
    town: Town, market: Market, heard: "asyncio.Queue[Outgoing]"
) -> None:
    relay = Relay(market)
    relay._window = WINDOW  # as on PostgreSQL, where rows may come into sight out of order
    await relay.sweep(market)
    town.gig(town.employer())
    told = [outgoing_of(event) for event in town.events]
    town.wait(seconds=PATIENCE.total_seconds() + 0.1)
    for _ in range(2):
        await relay.sweep(market)
    last = ("employer:nobody", 1, b'{"t":"event"}')
    await market.bus.publish(pack([last]))
    async with asyncio.timeout(20):
        assert [await heard.get() for _ in (*told, last)] == [*told, last]


async def test_old_events_are_let_go_of(town: Town, market: Market, heard: "asyncio.Queue[Outgoing]") -> None:
    relay = Relay(market)
    await relay.sweep(market)
    town.gig(town.employer())
    town.wait(seconds=WINDOW.total_seconds() + 1)
    await relay.sweep(market)  # unheard for a minute: sent, and from now on behind the floor
    async with asyncio.timeout(20):
        await heard.get()
    again = Relay(market)
    again._floor = relay._floor
    await again.sweep(market)
    last = ("employer:nobody", 1, b'{"t":"event"}')
    await market.bus.publish(pack([last]))
    async with asyncio.timeout(20):
        assert await heard.get() == last


async def test_what_lies_behind_the_floor_is_forgotten(town: Town, market: Market) -> None:
    """However long it runs, it remembers only what it may still be asked for."""
    relay = Relay(market)
    await relay.sweep(market)
    for _ in range(3):
        town.events.clear()
        town.gig(town.employer())
        await relay._hear(pack(outgoing_of(event) for event in town.events))
        await relay.sweep(market)
        assert len(relay._heard) == len(town.events)
        town.wait(seconds=WINDOW.total_seconds() + 1)
        await relay.sweep(market)
        assert not relay._heard


async def test_the_floor_waits_for_a_young_event_below_an_old_one(
    town: Town, market: Market, heard: "asyncio.Queue[Outgoing]"
) -> None:
    """PostgreSQL: a transaction that began long ago gives its rows later ids than one that began just now."""
    relay = Relay(market)
    await relay.sweep(market)
    for _ in range(2):
        town.gig(town.employer())
    event, last = TABLES["event"], town.events[-1]
    begun = update(event).where(event.c.principal == last.principal, event.c.seq == last.seq)
    market.store.transact_now(lambda tx: tx.streams._connection.execute(begun.values(at=last.at - WINDOW * 2)))
    await relay.sweep(market)
    town.wait(seconds=WINDOW.total_seconds() + 1)
    await relay.sweep(market)
    async with asyncio.timeout(20):
        came = [await heard.get() for _ in town.events]
    assert {(principal, seq) for principal, seq, _ in came} == {(e.principal, e.seq) for e in town.events}


async def test_what_could_not_be_sent_is_sent_later(
    town: Town, market: Market, heard: "asyncio.Queue[Outgoing]"
) -> None:
    """The bus is away from the relay for a moment, and nobody else notices."""
    relay, there = Relay(market), market.bus
    await relay.sweep(market)
    town.gig(town.employer())
    town.wait(seconds=2)
    market.bus = Bus(connect("unix:///nowhere/valkey.sock"), market.keys)
    with pytest.raises(LiveDown):
        await relay.sweep(market)
    market.bus = there
    await relay.sweep(market)
    async with asyncio.timeout(20):
        assert [await heard.get() for _ in town.events] == [outgoing_of(event) for event in town.events]


async def test_a_burst_longer_than_a_page_is_sent_in_one_sweep(
    town: Town, market: Market, heard: "asyncio.Queue[Outgoing]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.relay.MOST", 3)
    relay, employer = Relay(market), town.employer()
    await relay.sweep(market)
    for _ in range(10):
        town.gig(employer)
    town.wait(seconds=2)
    await relay.sweep(market)
    async with asyncio.timeout(20):
        assert [(await heard.get())[1] for _ in town.events] == [event.seq for event in town.events]
