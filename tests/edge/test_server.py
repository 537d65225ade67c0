"""One server process: what uvicorn is given, and what it leaves behind."""

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from gigmarket.edge.server import Requests, config
from gigmarket.edge.ws.socket import Socket
from gigmarket.settings import Settings
from tests.edge.ws.peer import OpenGate


class Wire(asyncio.Transport):
    """A transport that remembers to whom it belongs."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5000), "sockname": ("192.0.2.2", 80)})
        self.said = b""
        self.owner: asyncio.BaseProtocol | None = None

    def write(self, data: Any) -> None:
        self.said += data

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.owner = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Never full."""

    def is_closing(self) -> bool:
        return False


async def test_an_upgraded_connection_leaves_no_protocol_to_the_collector(tmp_path: Path) -> None:
    settings = config(Settings(data=tmp_path))
    settings.load()
    client = ClientProtocol(parse_uri("ws://market.test/ws"))
    client.send_request(client.connect())
    wire = Wire()
    gc.disable()
    try:
        asking = Requests(settings, ServerState(), {"gate": OpenGate()})
        asking.connection_made(wire)
        asking.data_received(b"".join(client.data_to_send()))
        assert isinstance(wire.owner, Socket)
        assert wire.said.startswith(b"HTTP/1.1 101 ")
        gone = weakref.ref(asking)
        del asking
        assert gone() is None
    finally:
        gc.enable()
