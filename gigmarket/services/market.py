"""The assembled market: every part a use case or a process needs, and the way a transaction is told."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from gigmarket.domain.actor import Actor
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.live.bus import Bus
from gigmarket.live.codes import Codes
from gigmarket.live.connection import Client, LiveDown
from gigmarket.live.inbox import Inbox
from gigmarket.live.index import Index
from gigmarket.live.keys import Keys
from gigmarket.live.limits import Limits
from gigmarket.live.seats import Seats
from gigmarket.live.tickets import Tickets
from gigmarket.services import accepts, commands
from gigmarket.services.rules import Rules
from gigmarket.services.sms import SmsSender
from gigmarket.store.database import Store
from gigmarket.store.idempotency import Answer
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Aftermath, Committed, Transaction
from gigmarket.telephone.gateway import Gateway
from gigmarket.together import Together
from gigmarket.travel.geocoder import Geocoder
from gigmarket.travel.router import Router
from gigmarket.wire.bus import Outgoing, Wake, pack, pack_wake
from gigmarket.wire.codec import event_frame
from gigmarket.wire.framing import text_frame
from gigmarket.wire.meta import MetaView
from gigmarket.wire.values import Body
from gigmarket.wire.work import OfferArgs

P = ParamSpec("P")
T = TypeVar("T")
Deliver = Callable[[Sequence[Outgoing]], None]


@dataclass(slots=True)
class Market:
    """One process's handles on one city. `deliver` hands events to this process's own sockets."""

    rules: Rules
    store: Store
    redis: Client
    keys: Keys
    index: Index
    bus: Bus
    tickets: Tickets
    codes: Codes
    limits: Limits
    seats: Seats
    inbox: Inbox
    sms: SmsSender
    router: Router
    clock: Callable[[], datetime]
    meta: MetaView
    deliver: Deliver | None = None
    geocoder: Geocoder | None = None
    """Where the operator has one; without it places are known ones only."""
    calls: Gateway | None = None
    """Gives numbers that connect two phones; without it a worker sees the employer's own after accepting."""
    recordings: Path | None = None
    """The folder in which the dispatcher records its rounds; None: nothing is recorded."""
    _accepts: accepts.Accepts = field(init=False)
    _told: "Together[_Told, None]" = field(init=False)

    def __post_init__(self) -> None:
        self._accepts = accepts.Accepts(self._commit, self.rules)
        # All at once: while the bus does not answer, nobody waits for more than one message before his own.
        self._told = Together(self._publish, most=sys.maxsize)

    async def _commit(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Committed[T]:
        return await self.store.transact(fn, *args, **kwargs)

    async def transact(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One transaction, and after its commit everybody is told. Raises what `fn` raises, or Unavailable."""
        committed = await self.store.transact(fn, *args, **kwargs)
        await self.tell(committed.aftermath)
        return committed.value

    async def perform(self, actor: Actor, op: str, args: Body, key: str | None) -> Committed[Answer]:
        """One operation by its name, committed, not told yet. Raises as `commands.perform`, or Unavailable."""
        if isinstance(args, OfferArgs) and op == accepts.OP and accepts.common(actor):
            return await self._accepts.ask(accepts.Accept(actor, args, key))
        return await self.store.transact(commands.perform, self.rules, actor, op, args, key)

    async def tell(self, aftermath: Aftermath) -> None:
        """Send committed events to this process's sockets and to the bus, and wake the dispatcher: what is told
        while the bus is being told goes to it together.

        A live store that is away loses nothing: the relay and the clients' own resumes make up for it.
        """
        if not aftermath:
            return
        outgoing = [outgoing_of(event) for event in aftermath.events]
        if outgoing and self.deliver is not None:
            self.deliver(outgoing)
        # What is committed is told, whatever becomes of the caller.
        told = _Told(outgoing, aftermath.gigs, aftermath.workers, aftermath.posted)
        await asyncio.shield(self._told.put(told))

    async def _publish(self, told: Sequence["_Told"]) -> list[None]:
        wake = _wake_of(told)
        outgoing = [event for one in told for event in one.outgoing]
        with suppress(LiveDown):
            if wake.gigs or wake.workers:
                await self.bus.wake(pack_wake(wake))
            if outgoing:
                await self.bus.publish(pack(outgoing))
        return [None] * len(told)

    async def close(self) -> None:
        """Release threads and connections."""
        await self.redis.aclose()
        self.store.close()


class _Told(NamedTuple):
    """What one transaction has to tell the other processes."""

    outgoing: list[Outgoing]
    gigs: frozenset[GigId]
    workers: frozenset[WorkerId]
    posted: tuple[Gig, ...]


def _wake_of(told: Sequence[_Told]) -> Wake:
    gigs = Counter(gig for one in told for gig in one.gigs)
    workers = {worker for one in told for worker in one.workers}
    # Told of twice, a gig is no longer what it was posted as.
    posted = tuple(gig for one in told for gig in one.posted if gigs[gig.id] == 1)
    return Wake(tuple(sorted(gigs)), tuple(sorted(workers)), posted)


def outgoing_of(event: StreamEvent) -> Outgoing:
    """A stored event as it goes to its sockets."""
    frame = text_frame(event_frame(event.seq, event.kind, event.data, event.at))
    return event.principal, event.seq, frame
