"""Who may open a socket: origins that are written in any way, and paths."""

from pathlib import Path

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

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
