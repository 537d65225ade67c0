"""Clients' frames (RFC 6455): the commonest is read without a parser, and how long each was on the wire."""

from websockets.frames import Frame

from gigmarket.wire.framing import SHORT, WHOLE_TEXT

_MASKED = 0x80
_MASK = 4


def short_text(data: bytes) -> bytes | None:
    """The message when these bytes are one whole, short text frame of a client and nothing else, or None."""
    size = len(data) - 2 - _MASK
    if not 0 <= size < SHORT or data[0] != WHOLE_TEXT[0] or data[1] != _MASKED | size:
        return None
    mask = (data[2:6] * (size // _MASK + 1))[:size]
    return (int.from_bytes(data[6:], "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def length_on_wire(frame: Frame) -> int:
    """Bytes that a client's frame took, at its shortest."""
    size = len(frame.data)
    return size + 2 + _MASK + (0 if size < SHORT else 2 if size < 65_536 else 8)
