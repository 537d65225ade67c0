"""Sockets that said hello, let in many at once: a thousand phones come back at one moment, not one by one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import WorkerId
from gigmarket.edge.turnstile import MOST, Turnstile
from gigmarket.services import profiles
from gigmarket.services.market import Market
from gigmarket.services.snapshots import Asked, Catchup, catch_up_many
from gigmarket.together import Together

TICKET_S = 30
PAUSE_S = 0.02
"""Nobody minds it who connects, and waking a thread for each of a crowd costs more than the read."""


class Arrivals:
    """Lives as long as its hub."""

    def __init__(self, market: Market, turnstile: Turnstile) -> None:
        self._market = market
        self._turnstile = turnstile
        self._followed = Together(partial(_followed, market), PAUSE_S)
        # No more of them than the turnstile lets in: nobody waits for several answers of a store that is away.
        self._issued = Together(partial(market.tickets.issue_many, ttl_s=TICKET_S), PAUSE_S, MOST)
        self._redeemed = Together(market.tickets.redeem_many, PAUSE_S)
        self._catch_ups = Together(partial(_read, market), PAUSE_S)

    @property
    def turned_away(self) -> int:
        """How many were told to ask for a ticket later."""
        return self._turnstile.turned_away

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Meanwhile somebody is on the way in, and as many fewer are given tickets."""
        self._turnstile.come()
        try:
            yield
        finally:
            self._turnstile.leave()

    async def follow(self, worker: WorkerId) -> None:
        """Before a ticket for this worker's stream. Raises Unavailable."""
        if not await self._followed.ask(worker):
            await self._market.transact(profiles.follow, worker)

    async def issue(self, subject: str) -> str:
        """A ticket that lets `subject` in, good for TICKET_S seconds. Raises LiveDown."""
        return await self._issued.ask(subject)

    async def redeem(self, ticket: str) -> str | None:
        """Whom the ticket lets in; None when unknown, used or too old. Raises LiveDown."""
        return await self._redeemed.ask(ticket)

    async def catch_up(self, actor: Actor, epoch: str | None, seq: int | None) -> Catchup:
        """How this stream goes on. Raises Unauthenticated, NotFound, Unavailable."""
        return await self._catch_ups.ask(Asked(actor, epoch, seq))


async def _followed(market: Market, workers: Sequence[WorkerId]) -> Sequence[bool | Exception]:
    return await market.store.read(profiles.followed_many, workers)


async def _read(market: Market, asked: Sequence[Asked]) -> Sequence[Catchup | Exception]:
    return await market.store.read(catch_up_many, asked)
