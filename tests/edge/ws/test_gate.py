"""Who may open a socket: origins that are written in any way, and paths; and from where he comes."""

from pathlib import Path
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from gigmarket.domain.errors import RateLimited, Unavailable
from gigmarket.edge.server import config
from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.gate import Gate
from gigmarket.edge.ws.hub import Hub
from gigmarket.services.market import Market
from gigmarket.settings import Settings
from tests.edge.ws.peer import Peer

HOST = ("Host", "market.test:8000")


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/ws", [], None),
        ("/ws?x=1", [], None),
        ("/ws", [("Origin", "http://market.test:8000")], None),
        ("/ws", [("Origin", "https://city.test")], None),
        ("/ws", [("Origin", "http://elsewhere.test")], "forbidden"),
        ("/ws", [("Origin", "http://market.test")], "forbidden"),
        ("/ws", [("Origin", "null")], "forbidden"),
        ("/ws", [("Origin", "http://[bad")], "forbidden"),
        ("/ws", [("Origin", "https://city.test"), ("Origin", "https://city.test")], "forbidden"),
        ("/ws", [("Origin", "http://market.test:8000"), ("Host", "other.test")], "forbidden"),
        ("/wss", [], "not-found"),
        ("//[", [], "not-found"),
        ("", [], "not-found"),
    ],
)
async def test_who_may_come_in(
    path: str, headers: list[tuple[str, str]], code: str | None, market: Market, tmp_path: Path
) -> None:
    gate = Gate(Settings(data=tmp_path, origins=["https://city.test"]), market, Hub(market, Turnstile()))
    refusal = gate.refusal(Request(path, Headers([HOST, *headers])), "192.0.2.1")
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.7", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.7", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.7", ["203.0.113.9", "198.51.100.7, 10.0.0.8", "127.0.0.1"], "198.51.100.7"),
        ("::1", ["198.51.100.7"], "198.51.100.7"),
        ("", ["198.51.100.7"], "198.51.100.7"),
    ],
)
async def test_only_proxies_of_ours_name_the_client(
    peer: str, forwarded: list[str], address: str, market: Market, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, proxies=["10.0.0.7", "10.0.0.8"], sockets_per_address=0)
    gate = Gate(settings, market, Hub(market, Turnstile()))
    headers = Headers([HOST, *(("X-Forwarded-For", each) for each in forwarded)])
    assert gate._address(headers, peer) == address
    # What a request says of itself is believed as a stream's is.
    seen = await _client_of_a_request(settings, peer, forwarded)
    assert seen == address or not peer


async def _client_of_a_request(settings: Settings, peer: str, forwarded: list[str]) -> str:
    seen: list[str] = []

    async def look(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["client"][0])

    server = config(settings)
    server.app = look
    server.load()
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    scope: Any = {"type": "http", "client": (peer, 5000), "headers": headers}
    app: Any = server.loaded_app
    await app(scope, None, None)
    return seen[0]


def asking(*forwarded: str) -> Request:
    """An upgrade that comes through proxies which named these addresses."""
    return Request("/ws", Headers([HOST, *(("X-Forwarded-For", each) for each in forwarded)]))


async def test_an_address_has_so_many_places_and_gets_them_back(market: Market, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sockets_per_address=2, host="192.0.2.9")
    gate = Gate(settings, market, Hub(market, Turnstile()))
    endpoints = [gate.admit(Peer().socket, asking(), "192.0.2.1") for _ in range(2)]
    assert isinstance(gate.refusal(asking(), "192.0.2.1"), RateLimited)
    assert gate.refusal(asking(), "192.0.2.2") is None
    for endpoint in endpoints:
        endpoint.lost()
    assert gate.refusal(asking(), "192.0.2.1") is None
    assert not gate._by_address


async def test_only_a_proxy_of_ours_is_believed_and_only_what_it_says_itself(
    market: Market, tmp_path: Path
) -> None:
    """What a client writes into the header stands before the address that the proxy adds."""
    settings = Settings(data=tmp_path, sockets_per_address=1, proxies=["10.0.0.7"])
    gate = Gate(settings, market, Hub(market, Turnstile()))
    gate.admit(Peer().socket, asking("203.0.113.5, 192.0.2.1"), "10.0.0.7")
    assert isinstance(gate.refusal(asking("198.51.100.1, 192.0.2.1"), "10.0.0.7"), RateLimited)
    assert isinstance(gate.refusal(asking("198.51.100.1", "192.0.2.1"), "127.0.0.1"), RateLimited)
    assert gate.refusal(asking("203.0.113.5"), "10.0.0.7") is None
    gate.admit(Peer().socket, asking("203.0.113.6"), "198.51.100.2")
    assert isinstance(gate.refusal(asking("203.0.113.7"), "198.51.100.2"), RateLimited)


async def test_a_full_or_draining_process_sends_away(market: Market, tmp_path: Path) -> None:
    hub = Hub(market, Turnstile())
    gate = Gate(Settings(data=tmp_path, sockets_per_process=2), market, hub)
    for _ in range(2):
        assert gate.refusal(asking(), "192.0.2.1") is None
        gate.admit(Peer().socket, asking(), "192.0.2.1")
    assert isinstance(gate.refusal(asking(), "192.0.2.1"), Unavailable)
    empty = Hub(market, Turnstile())
    gate = Gate(Settings(data=tmp_path), market, empty)
    await empty.drain(0.0)
    assert isinstance(gate.refusal(asking(), "192.0.2.1"), Unavailable)
