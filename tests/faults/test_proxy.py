"""The proxy does to a connection what it says."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gigmarket.live.bus import Bus
from gigmarket.live.connection import connect
from gigmarket.live.keys import Keys
from tests.faults.proxy import Proxy
from tests.faults.resp import BusFilter, published
from tests.serving import wait_until

pytestmark = pytest.mark.faults


@contextmanager
def echoing() -> Iterator[Proxy]:
    """A proxy before a server that sends back what it gets; the server's thread is the proxy's own."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Proxy(listener.getsockname()) as proxy:

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(65536):
                writer.write(data)
            writer.close()

        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(echo, sock=listener), proxy._loop)
        yield proxy
        proxy._loop.call_soon_threadsafe(server.result(5).close)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with echoing() as running:
        yield running


@pytest.fixture
async def line(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    yield reader, writer
    writer.transport.abort()


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def test_bytes_pass_both_ways_and_so_does_the_end(proxy: Proxy, line: Line) -> None:
    reader, writer = line
    writer.write(b"x" * 300_000)
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 20) == b"x" * 300_000
    assert proxy.passed_down == 300_000
    wait_until(lambda: proxy.open == 0, "nothing is left")


async def test_a_cut_ends_what_is_there_and_refuses_what_comes(proxy: Proxy, line: Line) -> None:
    reader, writer = line
    writer.write(b"x")
    assert await reader.readexactly(1) == b"x"
    proxy.cut()
    assert await asyncio.wait_for(reader.read(), 20) == b""
    again, other = await asyncio.open_connection("127.0.0.1", proxy.port)
    assert await asyncio.wait_for(again.read(), 20) == b""
    other.close()
    proxy.heal()
    again, other = await asyncio.open_connection("127.0.0.1", proxy.port)
    other.write(b"y")
    assert await asyncio.wait_for(again.readexactly(1), 20) == b"y"
    other.transport.abort()


async def test_half_open_passes_nothing_until_it_is_healed(proxy: Proxy, line: Line) -> None:
    reader, writer = line
    proxy.freeze()
    writer.write(b"held")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.3)
    assert proxy.open == 1
    proxy.heal()
    assert await asyncio.wait_for(reader.readexactly(4), 20) == b"held"


async def test_a_reset_within_a_frame_leaves_half_of_it(proxy: Proxy, line: Line) -> None:
    reader, writer = line
    proxy.reset_within(3)
    writer.write(b"frame")
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.readexactly(5), 20)
    assert proxy.passed_down == 3


async def test_a_trickle_is_so_many_bytes_a_second(proxy: Proxy, line: Line) -> None:
    reader, writer = line
    proxy.trickle(2)
    clock = asyncio.get_running_loop().time
    began = clock()
    writer.write(b"four")
    assert await asyncio.wait_for(reader.readexactly(4), 20) == b"four"
    assert clock() - began > 1.9  # two pauses on the way up at least


async def test_chosen_bus_messages_are_lost_and_no_others(valkey_url: str) -> None:
    path = valkey_url.removeprefix("unix://")
    keys, losing = Keys("zhangshu"), [b"second"]
    filters: list[BusFilter] = []

    def filtered() -> BusFilter:
        filters.append(BusFilter(lambda channel, payload: channel == keys.bus.encode() and payload in losing))
        return filters[-1]

    with Proxy(Path(path)) as proxy:
        proxy.filters = filtered
        redis = connect(f"redis://127.0.0.1:{proxy.port}")
        bus, heard, listening = Bus(redis, keys), asyncio.Queue[bytes](), asyncio.Event()

        async def gap() -> None:
            listening.set()

        task = asyncio.create_task(bus.listen(keys.bus, heard.put, gap))
        await asyncio.wait_for(listening.wait(), 20)
        for message in (b"first", b"second", b"third"):
            await bus.publish(message)
        assert [await asyncio.wait_for(heard.get(), 20) for _ in range(2)] == [b"first", b"third"]
        assert sum(one.lost for one in filters) == 1
        task.cancel()
        await asyncio.wait([task])
        await redis.aclose()


VALUES = [
    b"+OK\r\n",
    b":7\r\n",
    b"$-1\r\n",
    b"$0\r\n\r\n",
    b"$4\r\n\r\n\r\n\r\n",
    b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
    b"%1\r\n+a\r\n*0\r\n",
    b"|1\r\n+ttl\r\n:3\r\n$1\r\na\r\n",
    b"_\r\n",
    b"#t\r\n",
    b">3\r\n$7\r\nmessage\r\n$3\r\nbus\r\n$5\r\nhello\r\n",
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_whole_values_are_found_however_they_arrive(size: int) -> None:
    sent = b"".join(VALUES * 3)
    keep, lose = BusFilter(lambda *_: False), BusFilter(lambda channel, payload: channel == b"bus")
    chunks = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert b"".join(map(keep, chunks)) == sent
    assert b"".join(map(lose, chunks)) == b"".join(VALUES[:-1] * 3)
    assert (keep.lost, lose.lost) == (0, 3)
    assert [published(value) for value in VALUES[-2:]] == [None, (b"bus", b"hello")]
