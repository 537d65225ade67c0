"""The desk's working lists, and placing by hand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.operations import IdempotencyKey, response_of
from gigmarket.edge.http.parameters import InRegion, ItemId, Limit, MomentCursor
from gigmarket.services import openings, placing, queues
from gigmarket.services.explaining import DESK
from gigmarket.wire.desk import (
    CandidateView,
    DeliveryView,
    FindGigsIn,
    FoundGigView,
    MissedView,
    OpeningView,
    PlacedView,
    PlaceIn,
    QueueName,
    QueuesView,
    UnpaidView,
    WaitingView,
)
from gigmarket.wire.pages import Page

router = APIRouter(tags=["desk"])

LOOKS_PER_MINUTE = 60


async def _desk(actor: TheActor) -> Actor:
    return needs(actor, *DESK)


# As a dependency, so that the role is checked before the query.
TheDesk = Annotated[Actor, Depends(_desk)]


@router.get("/queues")
async def working_lists(market: TheMarket, actor: TheDesk, region: InRegion) -> QueuesView:
    """What is open: who waits, offers on no screen, seats nobody came to, wages not paid."""
    return await market.store.read(queues.queues, actor, region)


@router.get("/queues/{name}")
async def one_list(
    name: QueueName,
    market: TheMarket,
    actor: TheDesk,
    region: InRegion,
    cursor: MomentCursor = None,
    limit: Limit = queues.FIRST,
) -> Page[WaitingView] | Page[DeliveryView] | Page[MissedView] | Page[UnpaidView]:
    """One of these lists, page by page: waiting and never, undelivered, missed, unpaid."""
    return await market.store.read(queues.more, actor, region, name, cursor, limit)


@router.get("/workers/{item}/openings")
async def for_worker(item: ItemId, market: TheMarket, actor: TheDesk) -> Page[OpeningView]:
    """Open gigs that this worker could be given by hand, and what stands against each."""
    await limit(market, "openings", actor.account, LOOKS_PER_MINUTE, 60)
    return Page(items=await openings.openings(market, WorkerId(item)), next=None)


@router.get("/gigs/{item}/candidates")
async def for_gig(item: ItemId, market: TheMarket, actor: TheDesk) -> Page[CandidateView]:
    """Workers who could be given this gig by hand, and what stands against each."""
    await limit(market, "openings", actor.account, LOOKS_PER_MINUTE, 60)
    return Page(items=await openings.candidates(market, GigId(item)), next=None)


@router.post("/gigs/{item}/place", status_code=201, response_model=PlacedView)
async def place(
    item: ItemId, body: PlaceIn, market: TheMarket, actor: TheDesk, key: IdempotencyKey = None
) -> Response:
    """Give a worker a seat by hand, with a reason; audited."""
    return response_of(await placing.place(market, actor, GigId(item), body, key))


@router.post("/gigs/find")
async def find(body: FindGigsIn, market: TheMarket, actor: TheDesk) -> Page[FoundGigView]:
    """Gigs of the last days by words of their title or their employer's name, the newest first."""
    await limit(market, "openings", actor.account, LOOKS_PER_MINUTE, 60)
    items = await market.store.read(openings.find, body)
    return Page(items=items, next=None)
