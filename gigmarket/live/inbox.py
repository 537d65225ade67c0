"""The demo's text messages: what the console sender would have sent, for its inbox page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gigmarket.live import scripts
from gigmarket.live.connection import Client, guard
from gigmarket.live.keys import Keys

KEEP = 200
TTL_S = 600


@dataclass(frozen=True, slots=True)
class Text:
    """One text message: to a masked phone, sent at a UTC time."""

    masked_phone: str
    text: str
    at: datetime


class Inbox:
    """The newest 200 messages, gone 10 minutes after the last one. All methods raise LiveDown."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    @guard()
    async def push(self, masked_phone: str, text: str, at: datetime) -> None:
        """Keep a message; the phone must be masked by the caller (138****1234)."""
        message = orjson.dumps([masked_phone, text, at])
        await scripts.load("inbox_push")(self._redis, (self._keys.inbox,), (message, KEEP, TTL_S * 1000))

    @guard()
    async def latest(self, n: int) -> list[Text]:
        """The newest `n` messages, newest first."""
        if n <= 0:
            return []
        rows: Any = await self._redis.lrange(self._keys.inbox, 0, n - 1)
        fields = (orjson.loads(row) for row in rows)
        return [Text(phone, text, datetime.fromisoformat(at)) for phone, text, at in fields]
