"""Caps on an account's sockets: the newest few stay, on whichever process they are."""

import asyncio
import secrets
from collections import deque
from contextlib import suppress
from itertools import count

from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market
from gigmarket.wire.closing import Close
from gigmarket.wire.control import Ended, pack_ended

MOST_PER_ACCOUNT = 8
"""A phone, a tablet, some tabs; a station's kiosks share an account."""
BEAT_S = 3.0
PAUSE_S = 0.02
"""Between two round trips, so that the news of a crowd gather."""
AT_ONCE = 200
"""Told in one round trip: the live store is never held longer than about 2 ms."""


class Seats:
    """Sockets of this process by account, told to the live store in turn. While that is away, the cap holds
    within this process only.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._process = secrets.token_hex(6)
        self._numbers = count()
        self._names: dict[Subscriber, str] = {}
        self._by_account: dict[str, list[Subscriber]] = {}
        self._news: deque[tuple[str, str, bool]] = deque()
        self._some = asyncio.Event()

    def name(self, subscriber: Subscriber) -> str | None:
        """What other processes call this socket."""
        return self._names.get(subscriber)

    def take(self, subscriber: Subscriber) -> None:
        """A socket more; this process's oldest of the account go if there are too many here already."""
        account = subscriber.actor.account
        name = self._names[subscriber] = f"{self._process}:{next(self._numbers)}"
        mine = self._by_account.setdefault(account, [])
        mine.append(subscriber)
        for oldest in mine[:-MOST_PER_ACCOUNT]:
            oldest.socket.close(Close.REPLACED)
        self._tell(account, name, True)

    def leave(self, subscriber: Subscriber) -> None:
        """A socket less."""
        account = subscriber.actor.account
        name = self._names.pop(subscriber, None)
        mine = self._by_account.get(account, [])
        if subscriber in mine:
            mine.remove(subscriber)
        if not mine:
            self._by_account.pop(account, None)
        if name is not None:
            self._tell(account, name, False)

    async def run(self) -> None:
        """Tell the live store, and give it signs of life, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._beat())
            tasks.create_task(self._follow())

    def _tell(self, account: str, name: str, here: bool) -> None:
        self._news.append((account, name, here))
        self._some.set()

    async def _beat(self) -> None:
        while True:
            # Meanwhile caps hold within each process only.
            with suppress(LiveDown):
                await self._market.seats.beat(self._process)
            await asyncio.sleep(BEAT_S)

    async def _follow(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._news:
                here, named = self._next()
                try:
                    await self._pass_on(here, named)
                except LiveDown:
                    # The next ones would wait as long for the same answer.
                    self._news.clear()
            await asyncio.sleep(PAUSE_S)

    def _next(self) -> tuple[bool, list[tuple[str, str]]]:
        """The next news as far as they are of one kind: all of them came, or all of them went."""
        here = self._news[0][2]
        named: list[tuple[str, str]] = []
        while self._news and self._news[0][2] is here and len(named) < AT_ONCE:
            account, name, _ = self._news.popleft()
            named.append((account, name))
        return here, named

    async def _pass_on(self, here: bool, named: list[tuple[str, str]]) -> None:
        if not here:
            await self._market.seats.leave(named)
            return
        lost = await self._market.seats.take(named, MOST_PER_ACCOUNT)
        if lost:
            await self._market.bus.control(pack_ended(Ended(Close.REPLACED, sockets=tuple(lost))))
