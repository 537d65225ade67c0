"""The least that an event to everybody can cost: `python -m loadtests.floors.writer`.

A uvloop protocol that answers the upgrade and the hello, and writes one buffer to all of its transports when a
phone asks for it. What is left is the loop's own work for a write, and the kernel's.
"""

import asyncio
import gc
import signal
import socket
from typing import cast

import uvloop

from gigmarket.wire.framing import text_frame
from loadtests.floors.positions import IN, UPGRADED

SHOUT = b"shout "
"""What follows, up to the end of the message, is what all are told."""


class Writer(asyncio.Protocol):
    """Upgrades a phone of ours, whose key is known, and lets it in."""

    everybody: set[asyncio.Transport]

    def __init__(self, everybody: set[asyncio.Transport]) -> None:
        self.everybody = everybody
        self._answers = [IN, UPGRADED]
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A phone."""
        self._transport = cast(asyncio.Transport, transport)
        self.everybody.add(self._transport)

    def data_received(self, data: bytes) -> None:
        """The upgrade, the hello, then whatever is to be told."""
        if self._answers and self._transport is not None:
            self._transport.write(self._answers.pop())
            return
        _, asked, told = data.partition(SHOUT)
        if asked:
            frame = text_frame(told)
            for each in self.everybody:
                each.write(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """The phone is gone."""
        if self._transport is not None:
            self.everybody.discard(self._transport)


async def _serve() -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    everybody: set[asyncio.Transport] = set()
    server = await loop.create_server(lambda: Writer(everybody), sock=listener, backlog=4096)
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
