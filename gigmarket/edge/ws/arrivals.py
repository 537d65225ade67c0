"""Sockets that said hello, let in many at once: a thousand phones come back at one moment, not one by one."""

from collections.abc import Sequence
from functools import partial

from gigmarket.domain.actor import Actor
from gigmarket.edge.together import Together
from gigmarket.services.market import Market
from gigmarket.services.snapshots import Asked, Catchup, catch_up_many

PAUSE_S = 0.02
"""Nobody minds it who connects, and waking a thread for each of a crowd costs more than the read."""


class Arrivals:
    """Lives as long as its hub."""

    def __init__(self, market: Market) -> None:
        self._tickets = Together(market.tickets.redeem_many, PAUSE_S)
        self._catch_ups = Together(partial(_read, market), PAUSE_S)

    async def redeem(self, ticket: str) -> str | None:
        """Whom the ticket lets in; None when unknown, used or too old. Raises LiveDown."""
        return await self._tickets.ask(ticket)

    async def catch_up(self, actor: Actor, epoch: str | None, seq: int | None) -> Catchup:
        """How this stream goes on. Raises Unauthenticated, NotFound, Unavailable."""
        return await self._catch_ups.ask(Asked(actor, epoch, seq))


async def _read(market: Market, asked: Sequence[Asked]) -> Sequence[Catchup | Exception]:
    return await market.store.read(catch_up_many, asked)
