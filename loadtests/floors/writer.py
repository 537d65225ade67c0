"""The least that an event to everybody can cost: `python -m loadtests.floors.writer`.

A uvloop protocol that answers the upgrade and the hello, and writes one buffer to all of its transports when a
phone asks for it. What is left is the loop's own work for a write, and the kernel's.
"""

import asyncio
from typing import cast

from gigmarket.wire.framing import text_frame
from loadtests.floors.listening import listen, on_uvloop
from loadtests.floors.positions import IN, UPGRADED

SHOUT = b"shout "
"""What follows, up to the end of the message, is what all are told."""


class Writer(asyncio.Protocol):
    """Upgrades a phone of ours, whose key is known, and lets it in."""

    def __init__(self, everybody: set[asyncio.Transport]) -> None:
        self._everybody = everybody
        self._answers = [IN, UPGRADED]
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A phone."""
        self._transport = cast(asyncio.Transport, transport)
        self._everybody.add(self._transport)

    def data_received(self, data: bytes) -> None:
        """The upgrade, the hello, then whatever is to be told."""
        if self._answers and self._transport is not None:
            self._transport.write(self._answers.pop())
            return
        _, asked, told = data.partition(SHOUT)
        if asked:
            frame = text_frame(told)
            for each in self._everybody:
                each.write(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """The phone is gone."""
        if self._transport is not None:
            self._everybody.discard(self._transport)


if __name__ == "__main__":
    everybody: set[asyncio.Transport] = set()
    on_uvloop(listen(lambda: Writer(everybody)))
