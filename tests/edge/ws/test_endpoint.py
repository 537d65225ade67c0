"""What an endpoint adds to its session: where it begins, and whom it tells that its socket waits."""

import pytest

from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.endpoint import Endpoint
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.pulse import Pulse
from gigmarket.edge.ws.session import EARLY_S, Waiting
from gigmarket.edge.ws.socket import Socket
from gigmarket.services.market import Market
from tests.edge.ws.peer import Peer


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
