"""The hub over a real database and bus: fan-out, gaps filled from SQL, pings with the head, closing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Unavailable
from gigmarket.domain.ids import Role
from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.seats import MOST_PER_ACCOUNT
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.services.market import Market, outgoing_of
from gigmarket.wire.bus import pack
from gigmarket.wire.closing import Close
from gigmarket.wire.control import Ended, pack_ended
from tests.edge.ws.peer import Peer
from tests.services.town import Town
from tests.talking import eventually

_NOBODY = pack_ended(Ended(Close.REVOKED))
"""Closes nothing."""


class Client:
    """One person's place in the hub with the client's end of its socket."""

    def __init__(self, hub: Hub, actor: Actor) -> None:
        self.hub = hub
        self.peer = Peer()
        self.subscriber = Subscriber(actor, self.peer.socket)

    def join(self, seq: int | None = 0) -> "Client":
        """Come in, holding everything up to `seq`; None: the snapshot is still being read."""
        self.hub.watch(self.peer.socket)
        self.hub.join(self.subscriber)
        if seq is not None:
            self.hub.start(self.subscriber, seq)
        return self

    async def seqs(self, count: int) -> list[int]:
        """The seqs of the first `count` events, once they are there."""

        async def enough() -> list[int]:
            return self.events() if len(self.events()) >= count else []

        found: list[int] = await eventually(enough, f"{count} events")
        return found

    async def frame(self, kind: str) -> dict[str, object]:
        """The first frame with this tag, once it is there."""

        async def there() -> list[dict[str, object]]:
            return [frame for frame in self.peer.arrived if frame["t"] == kind]

        found: dict[str, object] = (await eventually(there, f"a {kind}"))[0]
        return found

    async def closed(self) -> int:
        """The code the server closes with."""

        async def code() -> int | None:
            return self.peer.close_code

        found: int = await eventually(code, "the close")
        return found

    async def end(self) -> int | None:
        """The close code, after everything queued was sent."""
        self.peer.socket.close(Close.SHUTDOWN)
        self.hub.leave(self.subscriber)
        self.hub.forget(self.peer.socket)
        return self.peer.close_code

    def events(self) -> list[int]:
        return [frame["seq"] for frame in self.peer.arrived if frame["t"] == "event"]


@pytest.fixture
async def hub(market: Market, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """One that listens already: its first subscription counts as a gap, which would fill every other."""
    hub, listening = Hub(market, Turnstile()), asyncio.Event()
    gap = hub._gap

    async def first_gap() -> None:
        await gap()
        listening.set()

    monkeypatch.setattr(hub, "_gap", first_gap)
    running = asyncio.create_task(hub.run())
    async with asyncio.timeout(20):
        await listening.wait()
    await _heard_by_all(market, _NOBODY)
    yield hub
    running.cancel()
    await asyncio.wait([running])


async def test_everyone_of_a_principal_hears_and_nobody_else(town: Town, market: Market, hub: Hub) -> None:
    employer, stranger = town.employer(), town.employer()
    mine = [Client(hub, employer).join() for _ in range(2)]
    other = Client(hub, stranger).join()
    town.gig(employer)
    hub.deliver([outgoing_of(event) for event in town.events])
    assert [await client.seqs(1) for client in mine] == [[1], [1]]
    assert hub.connected == 3
    assert [await client.end() for client in (*mine, other)] == [4001] * 3
    assert other.peer.arrived == []
    assert hub.connected == 0


async def test_an_event_from_the_bus_and_from_this_process_is_one(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    for _ in range(3):
        await market.transact(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    await market.transact(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    assert await client.seqs(4) == [1, 2, 3, 4]
    await client.end()
    assert client.events() == [1, 2, 3, 4]


async def test_a_gap_is_filled_from_sql(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    for _ in range(4):
        town.gig(employer)
    await market.bus.publish(pack([outgoing_of(town.events[-1])]))  # three were never published
    hub.deliver([outgoing_of(town.events[-1])])
    assert await client.seqs(4) == [1, 2, 3, 4]
    assert await client.end() == 4001, "and the socket stays"


async def test_a_gap_that_sql_cannot_fill_ends_the_socket(town: Town, market: Market, hub: Hub) -> None:
    """Never a silent one: the client resumes, and gets a snapshot."""
    employer = town.employer()
    client = Client(hub, employer).join()
    for _ in range(3):
        town.gig(employer)
    told = outgoing_of(town.events[-1])
    town.do(lambda tx: tx.streams.forget(town.now + timedelta(days=1), 1))
    hub.deliver([told])
    assert await client.closed() == 4004
    assert client.events() == []


async def test_a_gap_is_filled_when_sql_is_there_again(
    town: Town, market: Market, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    for _ in range(2):
        town.gig(employer)
    away = _away_once(market, monkeypatch)
    hub.deliver([outgoing_of(town.events[-1])])
    assert await client.seqs(2) == [1, 2]
    assert not away
    await client.end()


async def test_after_a_gap_on_the_bus_every_stream_is_looked_at(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    town.gig(employer)
    await hub._gap()
    assert await client.seqs(1) == [1]
    await client.end()


async def test_after_a_gap_in_what_is_told_of_sessions_ended_ones_are_closed(
    town: Town, market: Market, hub: Hub
) -> None:
    revoked, other = town.employer(), town.employer()
    first, second = Client(hub, revoked).join(), Client(hub, other).join()
    town.do(lambda tx: tx.accounts.revoke_session(revoked.session, town.now))
    await hub._untold()
    assert (await first.closed(), await second.end()) == (4502, 4001)


async def test_while_the_bus_tells_nothing_sql_is_asked_whose_session_is_over(
    town: Town, market: Market, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ping is waited for, which may be 25 s away."""
    monkeypatch.setattr(hub, "_untold", lambda: pytest.fail("the bus was heard again"))
    revoked, other = town.employer(), town.employer()
    first, second = Client(hub, revoked).join(), Client(hub, other).join()
    hub._deafened()
    town.do(lambda tx: tx.accounts.revoke_session(revoked.session, town.now))
    assert (await first.closed(), await second.end()) == (4502, 4001)


async def test_a_bus_that_tells_again_is_enough(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def ask(_everyone: object) -> None:
        asked.set()

    monkeypatch.setattr(hub._pulse, "end_sessions", ask)
    hub._deafened()
    await asked.wait()
    await hub._untold()
    asked.clear()
    await hub._ask_who_ended()
    assert not asked.is_set()


async def test_what_comes_before_the_snapshot_is_read_waits_and_its_gap_is_filled(
    town: Town, market: Market, hub: Hub
) -> None:
    employer = town.employer()
    client = Client(hub, employer).join(seq=None)
    for _ in range(3):
        town.gig(employer)
    hub.deliver([outgoing_of(town.events[2])])
    hub.start(client.subscriber, 1)
    assert client.subscriber.behind
    assert await client.seqs(2) == [2, 3]
    await client.end()


async def test_a_ping_carries_the_head_and_brings_what_was_missed(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    for _ in range(2):
        town.gig(employer)
    hub.ping(client.subscriber)
    assert (await client.frame("ping"))["seq"] == 2
    assert await client.seqs(2) == [1, 2]
    await client.end()


async def test_a_ping_that_sql_could_not_tell_is_sent_later(
    town: Town, market: Market, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(hub, town.employer()).join()
    away = _away_once(market, monkeypatch)
    hub.ping(client.subscriber)
    assert (await client.frame("ping"))["seq"] == 0
    assert not away
    await client.end()


async def test_a_ping_before_the_stream_begins_brings_nothing(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join(seq=None)
    town.gig(employer)
    hub.ping(client.subscriber)
    assert (await client.frame("ping"))["seq"] == 1
    await client.end()
    assert client.events() == []


async def test_a_session_that_ends_closes_its_sockets_only(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    again = Actor(employer.account, employer.role, "another session")
    first, second = Client(hub, employer).join(), Client(hub, again).join()
    hub.end(Ended(Close.REVOKED, sessions=(employer.session,)))
    assert (await first.end(), await second.end()) == (4502, 4001)


async def test_a_session_ended_elsewhere_is_closed_at_its_next_ping(
    town: Town, market: Market, hub: Hub
) -> None:
    revoked, expired, suspended = town.employer(), town.person(Role.STAFF), town.employer()
    clients = [Client(hub, one).join() for one in (revoked, expired, suspended)]
    town.do(lambda tx: tx.accounts.revoke_session(revoked.session, town.now))
    town.do(lambda tx: tx.accounts.revoke_session(suspended.session, town.now))
    town.do(lambda tx: tx.accounts.suspend(suspended.account, town.now))
    town.wait(days=31)
    for client in clients:
        hub.ping(client.subscriber)
    assert [await client.closed() for client in clients] == [4502, 4002, 4503]


async def test_staff_get_states_and_others_do_not(town: Town, market: Market, hub: Hub) -> None:
    staff, employer = town.person(Role.STAFF), town.employer()
    screen, other = Client(hub, staff).join(), Client(hub, employer).join()
    assert (await screen.frame("state"))["key"] in ("market.counters", "market.cells")
    await screen.end()
    await other.end()
    assert other.peer.arrived == []


async def test_draining_closes_everyone(town: Town, market: Market, hub: Hub) -> None:
    clients = [Client(hub, town.employer()).join() for _ in range(5)]
    await hub.drain(1.0)
    assert hub.draining
    assert [await client.end() for client in clients] == [4001] * 5


class Crowd:
    """In place of a pulse: many sockets that only note when they were closed."""

    def __init__(self, count: int) -> None:
        self.sockets = [self] * count
        self.closed_at: list[float] = []

    def close(self, _code: Close) -> None:
        self.closed_at.append(asyncio.get_running_loop().time())


async def test_a_crowds_closes_are_spread_over_the_time_given_and_no_longer(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pauses are shorter than a millisecond, which no loop can sleep."""
    hub, crowd = Hub(market, Turnstile()), Crowd(4_000)
    monkeypatch.setattr(hub, "_pulse", crowd)
    await hub.drain(0.4)
    assert len(crowd.closed_at) == 4_000
    assert 0.3 <= crowd.closed_at[-1] - crowd.closed_at[0] < 2.0


async def test_what_another_process_says_closes_the_sockets_that_are_meant(
    town: Town, market: Market, hub: Hub
) -> None:
    revoked, suspended, other = (Client(hub, town.employer()).join() for _ in range(3))
    for ended in (
        Ended(Close.REVOKED, sessions=(revoked.subscriber.actor.session,)),
        Ended(Close.FORBIDDEN, accounts=(suspended.subscriber.actor.account,)),
    ):
        await _heard_by_all(market, pack_ended(ended))
    assert (await revoked.closed(), await suspended.closed()) == (4502, 4503)
    assert await other.end() == 4001


async def test_an_account_keeps_its_newest_sockets_only(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    clients = [Client(hub, employer).join() for _ in range(MOST_PER_ACCOUNT + 2)]
    assert [await client.closed() for client in clients[:1]] == [4501]
    assert await clients[1].closed() == 4501
    assert [await client.end() for client in clients[2:]] == [4001] * MOST_PER_ACCOUNT


async def test_an_accounts_newest_sockets_stay_on_whichever_process(
    town: Town, market: Market, hub: Hub
) -> None:
    """Two hubs are two processes: they know of each other by the live store only."""
    other = Hub(market, Turnstile())
    running = asyncio.create_task(other.run())
    employer = town.employer()
    first = Client(hub, employer).join()
    later = [Client(hub, employer).join() for _ in range(MOST_PER_ACCOUNT - 1)]

    async def all_told() -> bool:
        return not hub._seats._news and await market.redis.publish(market.keys.control, _NOBODY) >= 2

    await eventually(all_told, "both hubs listen, and the first's sockets are known")
    await asyncio.sleep(0.1)
    town.wait(seconds=-300)  # and their clocks differ
    newest = Client(other, employer).join()
    assert await first.closed() == 4501
    assert [await client.end() for client in (*later, newest)] == [4001] * MOST_PER_ACCOUNT
    running.cancel()
    await asyncio.wait([running])


async def test_only_what_was_sent_can_be_acknowledged(town: Town, market: Market, hub: Hub) -> None:
    employer = town.employer()
    client = Client(hub, employer).join()
    town.gig(employer)
    hub.deliver([outgoing_of(event) for event in town.events])
    assert await client.seqs(1) == [1]
    hub.received(client.subscriber, 10**9)
    assert client.subscriber.acked == 1
    await client.end()


async def test_only_a_screen_that_shows_it_to_the_worker_delivers_an_offer(
    town: Town, market: Market, hub: Hub
) -> None:
    people = [town.worker(available=False), town.employer(), town.person(Role.STAFF)]
    clients = [Client(hub, one).join(seq=5) for one in people]
    for client in clients:
        hub.received(client.subscriber, 5)
    assert [client.subscriber.acked for client in clients] == [5, 5, 5]
    assert hub._deliveries._acked == {str(people[0].principal()): 5}
    for client in clients:
        await client.end()


def _away_once(market: Market, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The next read finds no database; the list is empty once it has."""
    read, away = market.store.read, [True]

    async def may_be_away(*asked: object) -> object:
        if away:
            away.pop()
            raise Unavailable("the database does not answer")
        return await read(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(market.store, "read", may_be_away)
    return away


async def _heard_by_all(market: Market, message: bytes) -> None:
    """Publish on the control channel once somebody listens there."""

    async def listened() -> bool:
        return bool(await market.redis.publish(market.keys.control, message))

    await eventually(listened, "a listener on the control channel")
