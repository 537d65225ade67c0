"""The hub over a real database and bus: fan-out, gaps filled from SQL, pings with the head, closing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import Role
from gigmarket.edge.ws.connection import Connection
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.services.market import Market, outgoing_of
from gigmarket.wire.bus import pack
from gigmarket.wire.closing import Close
from tests.edge.ws.socket_double import HeldSocket
from tests.services.town import Town
from tests.talking import eventually


class Client:
    """One person's place in the hub with a socket that can be looked into."""

    def __init__(self, hub: Hub, actor: Actor) -> None:
        self.hub = hub
        self.socket = HeldSocket()
        self.connection = Connection(self.socket)
        self.subscriber = Subscriber(actor, self.connection)
        self.writer: asyncio.Task[None] | None = None

    async def join(self, seq: int | None = 0) -> "Client":
        """Come in, holding everything up to `seq`; None: the snapshot is still being read."""
        await self.socket.open()
        self.writer = asyncio.create_task(self.connection.write())
        self.hub.join(self.subscriber)
        if seq is not None:
            self.subscriber.start(seq)
        return self

    async def seqs(self, count: int) -> list[int]:
        """The seqs of the first `count` events, once they are there."""

        async def enough() -> list[int]:
            return self._seqs() if len(self._seqs()) >= count else []

        found: list[int] = await eventually(enough, f"{count} events")
        return found

    async def frame(self, kind: str) -> dict[str, object]:
        """The first frame with this tag, once it is there."""

        async def there() -> list[dict[str, object]]:
            return [frame for frame in self.socket.arrived if frame["t"] == kind]

        found: dict[str, object] = (await eventually(there, f"a {kind}"))[0]
        return found

    async def end(self) -> int | None:
        """The close code, after everything queued was sent."""
        assert self.writer is not None
        self.connection.close(Close.SHUTDOWN)
        await self.writer
        self.hub.leave(self.subscriber)
        return self.socket.close_code

    def _seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.socket.arrived if frame["t"] == "event"]


@pytest.fixture
async def hub(market: Market) -> AsyncIterator[Hub]:
    hub = Hub(market)
    running = asyncio.create_task(hub.run())
    yield hub
    running.cancel()
    await asyncio.wait([running])


async def test_everyone_of_a_principal_hears_and_nobody_else(town: Town, market: Market, hub: Hub) -> None:
    employer, stranger = town.employer(), town.employer()
    mine = [await Client(hub, employer).join() for _ in range(2)]
    other = await Client(hub, stranger).join()
    town.gig(employer)
    hub.deliver([outgoing_of(event) for event in town.events])
    assert [await client.seqs(1) for client in mine] == [[1], [1]]
    assert hub.connected == 3
    assert [await client.end() for client in (*mine, other)] == [4001] * 3
    assert other.socket.arrived == []
    assert hub.connected == 0


async def test_an_event_from_the_bus_and_from_this_process_is_one(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = await Client(hub, employer).join()
    for _ in range(3):
        await market.transact(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    await market.transact(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    assert await client.seqs(4) == [1, 2, 3, 4]
    await client.end()
    assert client._seqs() == [1, 2, 3, 4]


async def test_a_gap_is_filled_from_sql(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = await Client(hub, employer).join()
    for _ in range(4):
        town.gig(employer)
    await market.bus.publish(pack([outgoing_of(town.events[-1])]))  # three were never published
    hub.deliver([outgoing_of(town.events[-1])])
    assert await client.seqs(4) == [1, 2, 3, 4]
    await client.end()


async def test_what_comes_before_the_snapshot_is_read_waits_and_its_gap_is_filled(
    town: Town, market: Market, hub: Hub
) -> None:
    employer = town.employer()
    client = await Client(hub, employer).join(seq=None)
    for _ in range(3):
        town.gig(employer)
    hub.deliver([outgoing_of(town.events[2])])
    client.subscriber.start(1)
    assert client.subscriber.behind
    hub.mark_behind(client.subscriber.principal)
    assert await client.seqs(2) == [2, 3]
    await client.end()


async def test_a_ping_carries_the_head_and_brings_what_was_missed(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = await Client(hub, employer).join()
    for _ in range(2):
        town.gig(employer)
    hub.ping(client.subscriber)
    assert (await client.frame("ping"))["seq"] == 2
    assert await client.seqs(2) == [1, 2]
    await client.end()


async def test_a_ping_before_the_stream_begins_brings_nothing(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = await Client(hub, employer).join(seq=None)
    town.gig(employer)
    hub.ping(client.subscriber)
    assert (await client.frame("ping"))["seq"] == 1
    await client.end()
    assert client._seqs() == []


async def test_a_session_that_ends_closes_its_sockets_only(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    again = Actor(employer.account, employer.role, "another session")
    first, second = await Client(hub, employer).join(), await Client(hub, again).join()
    hub.end_session(employer.session, Close.REVOKED)
    assert (await first.end(), await second.end()) == (4502, 4001)


async def test_a_session_ended_elsewhere_is_closed_at_its_next_ping(
    town: Town, market: Market, hub: Hub
) -> None:
    revoked, expired = town.employer(), town.person(Role.STAFF)
    first, second = await Client(hub, revoked).join(), await Client(hub, expired).join()
    town.do(lambda tx: tx.accounts.revoke_session(revoked.session, town.now))
    town.wait(days=31)
    hub.ping(first.subscriber)
    hub.ping(second.subscriber)
    assert first.writer is not None
    assert second.writer is not None
    await asyncio.wait({first.writer, second.writer})
    assert (await first.end(), await second.end()) == (4502, 4002)


async def test_staff_get_states_and_others_do_not(town: Town, market: Market, hub: Hub) -> None:
    staff, employer = town.person(Role.STAFF), town.employer()
    screen, other = await Client(hub, staff).join(), await Client(hub, employer).join()
    assert (await screen.frame("state"))["key"] in ("market.counters", "market.cells")
    await screen.end()
    await other.end()
    assert other.socket.arrived == []


async def test_draining_closes_everyone(town: Town, market: Market, hub: Hub) -> None:
    clients = [await Client(hub, town.employer()).join() for _ in range(5)]
    await hub.drain(1.0)
    assert hub.draining
    assert [await client.end() for client in clients] == [4001] * 5
