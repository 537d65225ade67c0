"""One server process: what uvicorn is given, and what it leaves behind."""

import asyncio
import gc
import json
import weakref
from pathlib import Path
from typing import Any

import pytest
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


GET = b"GET / HTTP/1.1\r\nHost: market.test\r\n"
POST = b"POST / HTTP/1.1\r\nHost: market.test\r\nContent-Length: 10\r\n\r\n"
UPGRADE = GET.replace(b"/ ", b"/ws ") + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize(
    "said", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"]
)
async def test_what_is_no_http_is_refused_by_a_problem(said: bytes, tmp_path: Path) -> None:
    settings = config(Settings(data=tmp_path))
    settings.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Requests(settings, ServerState(), {}), "127.0.0.1", 0)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(said)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert b"content-length: %d" % len(body) in head
    assert json.loads(body)["type"] == "/problems/bad-request"


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GE", GET, POST, POST + b"12345", UPGRADE])
async def test_a_request_that_does_not_arrive_is_not_waited_for(
    begun: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun, and never whole: the connection is closed by the server. One that is whole has all the time."""
    arrived, finished = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        arrived.set()
        await finished.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    settings = config(Settings(data=tmp_path))
    settings.load()
    settings.loaded_app = slow
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Requests(settings, ServerState(), {}), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    async with asyncio.timeout(20):
        whole, whole_writer = await asyncio.open_connection(*address)
        whole_writer.write(GET + b"\r\n")
        await arrived.wait()
        monkeypatch.setattr("gigmarket.edge.server.REQUEST_S", 0.05)
        reader, writer = await asyncio.open_connection(*address)
        writer.write(begun)
        assert await reader.read() == b""
        finished.set()
        assert (await whole.readline()).startswith(b"HTTP/1.1 204 ")
        # Kept alive: the next request has to arrive in time, too.
        whole_writer.write(begun or b"G")
        assert b"HTTP/" not in await whole.read()
    for each in (writer, whole_writer):
        each.close()
    server.close()


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
