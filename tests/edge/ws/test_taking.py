"""The kernel's word on what a client has taken, on a real connection."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from gigmarket.edge.ws.taking import Taking
from tests.talking import eventually

pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux tells")


@pytest.fixture
async def line() -> AsyncIterator[tuple[asyncio.StreamWriter, socket.socket]]:
    """Both ends of a connection: the one that writes, and one that takes when the test does."""
    loop = asyncio.get_running_loop()
    accepted: asyncio.Future[asyncio.StreamWriter] = loop.create_future()
    server = await asyncio.start_server(lambda _reader, writer: accepted.set_result(writer), "127.0.0.1", 0)
    with socket.socket() as near:
        near.setblocking(False)
        await loop.sock_connect(near, server.sockets[0].getsockname())
        writer = await accepted
        yield writer, near
        writer.transport.abort()
    server.close()


async def test_who_takes_is_seen_to_and_who_does_not_is_not(
    line: tuple[asyncio.StreamWriter, socket.socket],
) -> None:
    writer, near = line
    taking = Taking(writer.transport)

    async def took(at: float) -> bool:
        return taking.look(at)

    looks = [True]

    async def took_nothing_for_long() -> bool:
        looks.append(taking.look(2.0))
        return not any(looks[-10:])

    writer.write(b"x" * 1000)
    await eventually(lambda: took(1.0), "it is taken")
    assert not taking.is_under_way(1.0, 8.0)  # all of it
    writer.write(b"x" * 20_000_000)  # more than kernels hold
    await eventually(lambda: took(2.0), "some is taken")
    await eventually(took_nothing_for_long, "the kernel is full")
    assert taking.is_under_way(2.0 + 8.0, 8.0)
    assert not taking.is_under_way(2.1 + 8.0, 8.0)
    assert await asyncio.get_running_loop().sock_recv(near, 4_000_000)
    await eventually(lambda: took(20.0), "more is taken")
    assert taking.is_under_way(20.0, 8.0)
