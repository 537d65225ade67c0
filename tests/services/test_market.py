"""Telling: what goes to the dispatcher of what a transaction has changed."""

import asyncio

from gigmarket.services.gigs import cancel
from gigmarket.services.market import Market
from gigmarket.wire.bus import Wake, unpack_wake
from tests.services.town import Town
from tests.talking import eventually


async def test_a_posting_goes_along_unless_it_has_changed_by_then(town: Town, market: Market) -> None:
    heard: list[Wake] = []
    subscribed = asyncio.Event()

    async def hear(message: bytes) -> None:
        heard.append(unpack_wake(message))

    async def ready() -> None:
        subscribed.set()

    listening = asyncio.create_task(market.bus.listen(market.keys.wake, hear, ready))
    await subscribed.wait()
    employer = town.employer()
    kept = town.gig(employer)
    posting = town.woken[-1].aftermath
    called_off = town.gig(employer)
    posted = town.woken[-1].aftermath
    town.do(cancel, town.rules, employer.employer(), called_off)
    # Told at once, they go together.
    await asyncio.gather(*(market.tell(told) for told in (posting, posted, town.woken[-1].aftermath)))

    async def woken() -> bool:
        return bool(heard)

    await eventually(woken, "the dispatcher is woken")
    listening.cancel()
    assert heard == [Wake(tuple(sorted((kept, called_off))), (), (town.get_gig(kept),))]
