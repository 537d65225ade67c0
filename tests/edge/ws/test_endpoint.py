"""What an endpoint adds to its session: where it begins, and whom it tells that its socket waits."""

from collections import Counter

import pytest

from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.endpoint import Endpoint
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.pulse import Pulse
from gigmarket.edge.ws.session import (
    COMMANDS_PER_MINUTE,
    EARLY_S,
    HEARTBEAT_S,
    PONG_S,
    SEEN_S,
    Live,
    Redeem,
    Waiting,
)
from gigmarket.edge.ws.socket import Socket
from gigmarket.services.market import Market
from tests.edge.ws.peer import Peer
from tests.services.town import Town
from tests.serving import Serving, problem_code
from tests.talking import stream_of


async def test_no_two_of_a_crowd_are_pinged_at_the_same_moment(market: Market) -> None:
    hub = Hub(market, Turnstile())
    phases = [Endpoint(Peer().socket, market, hub)._phase for _ in range(20)]
    early = {phase.early_s for phase in phases if isinstance(phase, Waiting)}
    assert len(early) == 20
    assert all(0 <= seconds <= EARLY_S for seconds in early)


async def test_a_socket_that_waits_for_its_client_is_looked_at_soon(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer, hub, stirred = Peer(), Hub(market, Turnstile()), list[Socket]()
    endpoint = Endpoint(peer.socket, market, hub)
    monkeypatch.setattr(Pulse, "stir", lambda _pulse, socket: stirred.append(socket))
    endpoint.stir()
    assert stirred == [peer.socket]


@pytest.fixture
async def waiting(market: Market, monkeypatch: pytest.MonkeyPatch) -> tuple[Endpoint, Peer, float]:
    """An endpoint that was pinged and not answered for SEEN_S, and when its pong is overdue."""
    peer = Peer()
    endpoint = Endpoint(peer.socket, market, Hub(market, Turnstile()))
    endpoint._phase = Live(0.0, 0.0, pinged_at=0.0)
    monkeypatch.setattr(endpoint._hub, "ping", lambda _subscriber: None)
    endpoint.tick(HEARTBEAT_S)
    peer.wire.line.acked += 5
    endpoint.tick(HEARTBEAT_S + SEEN_S)
    return endpoint, peer, HEARTBEAT_S + PONG_S + 0.1


async def test_who_owes_a_pong_is_let_go_of(waiting: tuple[Endpoint, Peer, float]) -> None:
    endpoint, peer, overdue = waiting
    endpoint.tick(overdue)
    assert not peer.socket.open


async def test_a_pong_that_the_server_does_not_read_is_not_owed(waiting: tuple[Endpoint, Peer, float]) -> None:
    endpoint, peer, overdue = waiting
    endpoint._paused = True  # more commands wait than are read
    assert endpoint.tick(overdue) == overdue + SEEN_S
    endpoint._paused = False
    assert peer.socket.open
    endpoint.tick(overdue + PONG_S + 0.1)
    assert not peer.socket.open


async def test_a_ping_behind_a_long_answer_is_waited_for_while_that_is_taken(
    waiting: tuple[Endpoint, Peer, float],
) -> None:
    endpoint, peer, overdue = waiting
    peer.wire.line.unacked = 3
    for step in range(5):
        peer.wire.line.acked += 1
        endpoint.tick(overdue + step * (PONG_S + 0.1))
        assert peer.socket.open
    endpoint.tick(overdue + 5 * (PONG_S + 0.1))  # nothing was taken since
    assert not peer.socket.open


async def test_what_was_taken_before_the_ping_is_no_reason_to_wait(
    waiting: tuple[Endpoint, Peer, float],
) -> None:
    endpoint, peer, overdue = waiting
    peer.wire.line.unacked = 3
    endpoint.tick(overdue)
    assert not peer.socket.open


@pytest.mark.parametrize(("ahead", "held"), [(0, 1), (500, 0)])
async def test_what_a_resumed_stream_holds_counts_as_acknowledged_unless_it_never_was(
    town: Town, market: Market, ahead: int, held: int
) -> None:
    employer = town.employer()
    town.gig(employer)
    endpoint = Endpoint(Peer().socket, market, Hub(market, Turnstile()))
    head = town.see(lambda tx: tx.streams.head(str(employer.principal())))
    epoch = town.see(lambda tx: tx.streams.epoch())
    await endpoint._start(employer, Redeem("", epoch, head + ahead))
    assert endpoint._subscriber is not None
    assert (head, endpoint._subscriber.acked) == (1, held)


async def test_commands_beyond_the_rate_are_answered_and_the_socket_stays(served: Serving) -> None:
    async with stream_of(served, served.person("worker")) as mine:
        names = [f"r{number}" for number in range(3 * COMMANDS_PER_MINUTE)]
        for name in names:
            await mine.say({"t": "command", "id": name, "op": "offer.accept", "args": {"offer_id": "none"}})
        codes = Counter([problem_code((await mine.result(name))["problem"]) for name in names])
    assert codes["not-found"] >= COMMANDS_PER_MINUTE
    assert codes["rate-limited"] == len(names) - codes["not-found"] > 0
