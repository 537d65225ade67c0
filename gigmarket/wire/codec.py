"""JSON in and out: orjson, instants as ISO 8601 in UTC with a trailing Z."""

from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import BaseModel

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def encode(value: Any) -> bytes:
    """Bytes of any JSON value; pydantic models and instants included."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def decode(raw: bytes | str) -> Any:
    """The value of a JSON text. Raises ValueError (orjson.JSONDecodeError) when it is none."""
    return orjson.loads(raw)


def event_frame(seq: int, kind: str, data: bytes, at: datetime) -> bytes:
    """An event frame around data that is JSON already, so that a stored event is never parsed again."""
    stamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    head = b'{"t":"event","seq":%d,"kind":"%s","data":' % (seq, kind.encode())
    return head + data + b',"at":"' + stamp.encode() + b'"}'


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(f"not JSON: {type(value).__name__}")
