"""Who may open a socket: origins that are written in any way, and paths; and from where he comes."""

from pathlib import Path
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from gigmarket.edge.server import config
from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.gate import Gate
from gigmarket.edge.ws.hub import Hub
from gigmarket.services.market import Market
from gigmarket.settings import Settings

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
