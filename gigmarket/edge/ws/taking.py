"""What a client's system has taken of what was sent to it, as the kernel knows (Linux, tcp(7): TCP_INFO)."""

import asyncio
import math
import socket
import struct

_TCP_INFO = getattr(socket, "TCP_INFO", None)
_SIZE = 148
_COUNT, _BYTES = struct.Struct("=I"), struct.Struct("=Q")
_UNACKED_AT, _ACKED_AT, _UNSENT_AT = 24, 120, 144
"""Offsets in `struct tcp_info` of include/uapi/linux/tcp.h."""


class Taking:
    """How far one client is, from look to look. Where the kernel does not tell, it is never seen to take
    anything, and so is waited for no longer than one that takes nothing.
    """

    __slots__ = ("_taken", "_took_at", "_transport")

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._taken = 0
        self._took_at = -math.inf

    def begin(self) -> None:
        """What was taken up to now is not news at the next look."""
        self._taken, _ = _told(self._transport)

    def look(self, now: float) -> bool:
        """Whether more bytes were acknowledged than at the last look."""
        return self._look(now)[0]

    def is_under_way(self, now: float, within_s: float) -> bool:
        """Whether something is still to be taken, and some was within so long: what follows is behind it."""
        _, pending = self._look(now)
        return pending and now - self._took_at <= within_s

    def _look(self, now: float) -> tuple[bool, bool]:
        taken, pending = _told(self._transport)
        more = taken > self._taken
        if more:
            self._taken, self._took_at = taken, now
        return more, pending


def _told(transport: asyncio.BaseTransport) -> tuple[int, bool]:
    """Bytes that were acknowledged, and whether some are still to be."""
    line = transport.get_extra_info("socket")
    if _TCP_INFO is None or line is None:
        return 0, False
    try:
        info = line.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _SIZE)
    except OSError:
        return 0, False
    if len(info) < _SIZE:
        return 0, False
    (unacked,), (unsent,) = _COUNT.unpack_from(info, _UNACKED_AT), _COUNT.unpack_from(info, _UNSENT_AT)
    return _BYTES.unpack_from(info, _ACKED_AT)[0], bool(unacked or unsent)
