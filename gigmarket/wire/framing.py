"""Payloads as the server's WebSocket frames (RFC 6455), built once however many sockets they go to."""

WHOLE_TEXT = b"\x81"
SHORT = 126
"""Payloads below this have their size in the frame's second byte."""
_TWO_BYTES, _EIGHT_BYTES = 126, 127
"""What the second byte says where the size comes after it."""


def text_frame(payload: bytes) -> bytes:
    """A whole text message as a server's frame, which is not masked; `payload` is UTF-8."""
    size = len(payload)
    if size < SHORT:
        return WHOLE_TEXT + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return WHOLE_TEXT + b"\x7e" + size.to_bytes(2, "big") + payload
    return WHOLE_TEXT + b"\x7f" + size.to_bytes(8, "big") + payload


def payload_of(frame: bytes) -> bytes:
    """The payload of a frame that `text_frame` made."""
    return frame[{_TWO_BYTES: 4, _EIGHT_BYTES: 10}.get(frame[1], 2) :]
