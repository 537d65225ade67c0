"""Payloads as WebSocket frames (RFC 6455), built once however many sockets they go to."""

WHOLE_TEXT = b"\x81"


def text_frame(payload: bytes) -> bytes:
    """A whole text message as a server's frame, which is not masked; `payload` is UTF-8."""
    size = len(payload)
    if size < 126:
        return WHOLE_TEXT + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return WHOLE_TEXT + b"\x7e" + size.to_bytes(2, "big") + payload
    return WHOLE_TEXT + b"\x7f" + size.to_bytes(8, "big") + payload
