"""Payloads as WebSocket frames (RFC 6455), built once however many sockets they go to."""

from websockets.frames import Frame, Opcode


def text_frame(payload: bytes) -> bytes:
    """A whole text message as a server's frame; `payload` is UTF-8."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)
