"""Tickets for many phones at once, as POST /ws-tickets would give them, but without its cost."""

import asyncio
from collections.abc import Sequence

import orjson

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import AccountId, Role
from gigmarket.live.connection import connect
from gigmarket.live.keys import Keys
from gigmarket.live.tickets import Tickets
from gigmarket.settings import Settings
from gigmarket.wire.tickets import ticket_of
from loadtests.city import Resident
from loadtests.phones import text

AT_ONCE = 50
GOOD_FOR_S = 600


async def hellos(redis_url: str, residents: Sequence[Resident]) -> list[bytes]:
    """Each resident's hello as a client's frame; good for ten minutes, once."""
    redis = connect(redis_url)
    tickets = Tickets(redis, Keys(Settings.model_fields["city"].default))

    async def hello(resident: Resident) -> bytes:
        actor = Actor(AccountId(resident.id), Role.WORKER, f"session-{resident.id}")
        ticket = await tickets.issue(ticket_of(actor), GOOD_FOR_S)
        return text(orjson.dumps({"t": "hello", "v": "gig.v1", "ticket": ticket}))

    made: list[bytes] = []
    for first in range(0, len(residents), AT_ONCE):
        made += await asyncio.gather(*map(hello, residents[first : first + AT_ONCE]))
    await redis.aclose()
    return made
