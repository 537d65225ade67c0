"""One-time tickets that carry a session over to a WebSocket without a secret in its URL."""

import secrets
from collections.abc import Sequence
from typing import Any

from gigmarket.live.connection import Client, guard
from gigmarket.live.keys import Keys, digest_of


class Tickets:
    """128 random bits each; the store knows only their SHA-256. All methods raise LiveDown."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def issue(self, subject: str, ttl_s: float = 30) -> str:
        """A ticket of 22 URL-safe characters that lets `subject` in once within `ttl_s` seconds."""
        return (await self.issue_many([subject], ttl_s))[0]

    @guard()
    async def issue_many(self, subjects: Sequence[str], ttl_s: float = 30) -> list[str]:
        """One for each, in order, in one round trip."""
        tickets = [secrets.token_urlsafe(16) for _ in subjects]
        pipe = self._redis.pipeline(transaction=False)
        for ticket, subject in zip(tickets, subjects, strict=True):
            pipe.set(self._keys.ticket(digest_of(ticket)), subject, px=round(ttl_s * 1000))
        await pipe.execute()
        return tickets

    async def redeem(self, ticket: str) -> str | None:
        """Whom the ticket lets in, for exactly one caller; None when unknown, used or too old."""
        return (await self.redeem_many([ticket]))[0]

    @guard()
    async def redeem_many(self, tickets: Sequence[str]) -> list[str | None]:
        """The same for many, in order, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for ticket in tickets:
            pipe.getdel(self._keys.ticket(digest_of(ticket)))
        subjects: list[Any] = await pipe.execute()
        return [None if subject is None else subject.decode() for subject in subjects]
