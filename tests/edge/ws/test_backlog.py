"""What asks for no answer is taken in together, and before anything else that its client says."""

import json
from functools import partial
from typing import Any

import pytest

from gigmarket.domain.ids import WorkerId
from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.backlog import MOST, Backlog
from gigmarket.edge.ws.endpoint import Endpoint
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.session import HEARTBEAT_S, PONG_S, Live, Redeem
from gigmarket.services.market import Market
from tests.edge.ws.peer import Peer
from tests.services.town import Town

PONG = {"t": "pong"}
POSITION = {"t": "position", "lat": 28.06, "lng": 115.55, "datum": "wgs84"}
COMMAND = {"t": "command", "id": "c1", "op": "offer.accept", "args": {"offer_id": "o1"}}


def said(frame: dict[str, Any]) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode()


@pytest.fixture
async def endpoint(town: Town, market: Market) -> Endpoint:
    """Of a worker whose stream has started."""
    found = Endpoint(Peer().socket, market, Hub(market, Turnstile()))
    found._phase = Live(0.0, 0.0, pinged_at=0.0)
    await found._start(town.worker(), Redeem("", None, None))
    found._hub.heartbeats._latest.clear()
    return found


def told(endpoint: Endpoint) -> list[WorkerId]:
    """Whose positions were taken in."""
    return list(endpoint._hub.heartbeats._latest)


def test_they_wait_for_their_turn_or_until_they_are_many() -> None:
    backlog, taken = Backlog(), list[int]()
    for number in range(MOST - 1):
        backlog.put(partial(taken.append, number))
    assert taken == []
    backlog.put(lambda: taken.append(MOST - 1))
    assert taken == list(range(MOST))
    backlog.settle()
    assert len(taken) == MOST
    backlog.put(lambda: taken.append(-1))
    backlog.settle()
    assert taken[MOST:] == [-1]


async def test_a_position_waits_for_the_next_tick(endpoint: Endpoint) -> None:
    endpoint.receive(said(POSITION))
    assert told(endpoint) == []
    await endpoint._hub._tick()
    assert told(endpoint) == [endpoint._worker]


@pytest.mark.parametrize("later", [POSITION, PONG, COMMAND])
async def test_it_is_taken_in_before_what_its_phone_says_next(
    endpoint: Endpoint, later: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[Any] = []
    monkeypatch.setattr(endpoint._hub.heartbeats, "beat", lambda _worker, place: order.append(place.lat))
    monkeypatch.setattr(endpoint._hub.heartbeats, "alive", lambda _worker: order.append("alive"))
    monkeypatch.setattr(Endpoint, "_queue", lambda _endpoint, call: order.append(call.id))
    endpoint.receive(said(POSITION))
    assert order == []
    endpoint.receive(said({**later, **({"lat": 1.0} if later is POSITION else {})}))
    assert order == [28.06, 1.0 if later is POSITION else "alive" if later is PONG else "c1"]
    endpoint._hub.backlog.settle()
    assert len(order) == 2


async def test_a_pong_that_waits_is_not_owed(endpoint: Endpoint) -> None:
    endpoint.tick(HEARTBEAT_S)
    endpoint.receive(said(PONG))
    endpoint.tick(HEARTBEAT_S + PONG_S + 1)
    assert endpoint.socket.open


async def test_a_bad_one_ends_its_own_socket_and_nobody_else_s(endpoint: Endpoint) -> None:
    endpoint.receive(said({**POSITION, "lat": 91}))
    assert endpoint.socket.open
    endpoint._hub.backlog.settle()
    assert not endpoint.socket.open


async def test_one_that_fails_takes_nobody_with_it(
    endpoint: Endpoint, town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Endpoint(Peer().socket, market, endpoint._hub)
    other._phase = Live(0.0, 0.0, pinged_at=0.0)
    await other._start(town.worker(), Redeem("", None, None))
    endpoint._hub.heartbeats._latest.clear()
    monkeypatch.setattr(endpoint, "_phase", None)
    for each in (endpoint, other):
        each.receive(said(POSITION))
    endpoint._hub.backlog.settle()
    assert (endpoint.socket.open, other.socket.open) == (False, True)
    assert told(endpoint) == [other._worker]


async def test_who_is_gone_by_then_says_nothing(endpoint: Endpoint) -> None:
    endpoint.receive(said(POSITION))
    endpoint.lost()
    endpoint._hub.backlog.settle()
    assert told(endpoint) == []
