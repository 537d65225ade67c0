"""Payloads as WebSocket frames (RFC 6455), built once however many sockets they go to."""

from websockets.frames import Frame

WHOLE_TEXT = b"\x81"
SHORT = 126
"""Payloads below this have their size in the frame's second byte, beside the bit that says it is masked."""
_MASKED = 0x80
_MASK = 4


def text_frame(payload: bytes) -> bytes:
    """A whole text message as a server's frame, which is not masked; `payload` is UTF-8."""
    size = len(payload)
    if size < SHORT:
        return WHOLE_TEXT + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return WHOLE_TEXT + b"\x7e" + size.to_bytes(2, "big") + payload
    return WHOLE_TEXT + b"\x7f" + size.to_bytes(8, "big") + payload


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
