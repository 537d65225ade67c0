"""WebSocket close codes of `gig.v1`: 4000–4499 come back, 4500–4999 do not."""

from enum import IntEnum


class Close(IntEnum):
    """Why a connection ended."""

    SHUTDOWN = 4001
    SESSION_EXPIRED = 4002
    SLOW = 4003
    STATE_INSUFFICIENT = 4004
    SILENT = 4005
    RATE = 4006
    BAD_FRAME = 4500
    REPLACED = 4501
    REVOKED = 4502
    FORBIDDEN = 4503
    TOO_MANY = 4504
    VERSION = 4505


ADVICE: dict[Close, str] = {
    Close.SHUTDOWN: "the server is restarting: reconnect with jitter",
    Close.SESSION_EXPIRED: "get a new ticket and reconnect",
    Close.SLOW: "reads too slowly: reconnect and resume",
    Close.STATE_INSUFFICIENT: "the stream cannot be continued here: reconnect and resume",
    Close.SILENT: "no hello or pong in time: reconnect and resume",
    Close.RATE: "too many frames: wait, then reconnect",
    Close.BAD_FRAME: "a frame was not gig.v1: fix the client",
    Close.REPLACED: "a newer connection took over",
    Close.REVOKED: "the session was ended",
    Close.FORBIDDEN: "this origin or role may not connect, or the account was suspended",
    Close.TOO_MANY: "too many connections (this server says so before the upgrade, by 429)",
    Close.VERSION: "unknown protocol version: update the client",
}


def comes_back(code: int) -> bool:
    """Whether a client should reconnect after this close code (also after the standard 1001, 1006, 1012)."""
    return code < 4500
