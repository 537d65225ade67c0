"""Enough of RESP3 to find the published messages in what a live store sends, and to leave some of them out."""

from collections.abc import Callable

Chosen = Callable[[bytes, bytes], bool]
"""(channel, payload) → whether this message is to be lost."""

_LINES, _BULKS, _LISTS, _MAPS = b"+-:_#,(", b"$=!", b"*~>", b"%|"
_ATTRIBUTE = b"|"[0]
_PUSH = b">"[0]


class BusFilter:
    """One connection's replies, fed in chunks as they come; whole values go on, chosen messages do not."""

    def __init__(self, lose: Chosen) -> None:
        self._lose = lose
        self._held = b""
        self.lost = 0

    def __call__(self, chunk: bytes) -> bytes:
        """What goes on of everything that has arrived in whole."""
        self._held += chunk
        out: list[bytes] = []
        start = 0
        while (end := _end(self._held, start)) is not None:
            value, start = self._held[start:end], end
            message = published(value)
            if message is not None and self._lose(*message):
                self.lost += 1
            else:
                out.append(value)
        self._held = self._held[start:]
        return b"".join(out)


def published(value: bytes) -> tuple[bytes, bytes] | None:
    """Channel and payload of a value that is a published message, else None."""
    if value[0] != _PUSH or not value.startswith(b">3\r\n$7\r\nmessage\r\n"):
        return None
    channel, rest = _bulk(value, value.index(b"message\r\n") + 9)
    payload, _ = _bulk(value, rest)
    return channel, payload


def _bulk(data: bytes, start: int) -> tuple[bytes, int]:
    line_end = data.index(b"\r\n", start)
    first = line_end + 2
    length = int(data[start + 1 : line_end])
    return data[first : first + length], first + length + 2


def _end(data: bytes, start: int) -> int | None:
    """Where the value that begins at `start` ends; None while it has not arrived in whole."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        return None
    kind, rest = data[start], line_end + 2
    if kind in _LINES:
        return rest
    count = int(data[start + 1 : line_end])
    if kind in _BULKS:
        end = rest if count < 0 else rest + count + 2
        return end if len(data) >= end else None
    if kind not in _LISTS + _MAPS:
        raise ValueError(f"not RESP: {data[start : start + 20]!r}")
    # An attribute comes before the value it is about.
    items = max(count, 0) * (2 if kind in _MAPS else 1) + (kind == _ATTRIBUTE)
    at: int | None = rest
    for _ in range(items):
        at = None if at is None else _end(data, at)
    return at
