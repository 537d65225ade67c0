"""Why, and what to say against it: reasons of offers and gigs, appeals and their answers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from gigmarket.domain.appeal import AppealId
from gigmarket.domain.ids import GigId, OfferId, Role, WorkerId
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.operations import IdempotencyKey, response_of
from gigmarket.edge.http.parameters import Cursor, InRegion, ItemId, Limit, MomentCursor, PartCursor
from gigmarket.services import appeals, explaining, free_seats
from gigmarket.wire.pages import Page
from gigmarket.wire.values import Storable
from gigmarket.wire.why import (
    AnswerIn,
    AppealIn,
    AppealView,
    ConsideredView,
    DeskAppealView,
    GigWhyView,
    UnfilledGig,
    WhyView,
)

router = APIRouter(tags=["why"])

APPEALS_PER_HOUR = 20
OneGig = Annotated[str, Query(min_length=1, max_length=64, description="which gig"), Storable]
OneWorker = Annotated[
    Annotated[str, Field(min_length=1, max_length=64), Storable] | None,
    Query(description="one worker, for desks"),
]


@router.get("/offers/{item}/why")
async def why_offer(item: ItemId, market: TheMarket, actor: TheActor) -> ConsideredView | WhyView:
    """Why this worker was asked."""
    needs(actor, Role.WORKER, Role.EMPLOYER, *explaining.DESK)
    return await market.store.read(explaining.why_offer, market.rules, actor, OfferId(item))


@router.get("/gigs/unfilled")
async def unfilled(
    market: TheMarket, actor: TheActor, region: InRegion, cursor: MomentCursor = None, limit: Limit = 50
) -> Page[UnfilledGig]:
    """Open gigs with free seats and why, the soonest to begin first; for staff and clerks."""
    needs(actor, *explaining.DESK)
    return await market.store.read(free_seats.unfilled, market.rules, actor, region, cursor, limit)


@router.get("/gigs/{item}/why")
async def why_gig(item: ItemId, market: TheMarket, actor: TheActor, worker: OneWorker = None) -> GigWhyView:
    """Why a gig is not full; `worker` asks about one, on a desk."""
    needs(actor, Role.EMPLOYER, *explaining.DESK)
    if worker is not None:
        needs(actor, *explaining.DESK)
    return await explaining.why_gig(market, actor, GigId(item), WorkerId(worker) if worker else None)


@router.get("/workers/me/why-not")
async def why_not(gig: OneGig, market: TheMarket, actor: TheActor) -> WhyView:
    """Why I was not asked about this gig."""
    return await explaining.why_not(market, actor.worker(), GigId(gig))


@router.post("/appeals", status_code=201, response_model=AppealView)
async def file(body: AppealIn, market: TheMarket, actor: TheActor, key: IdempotencyKey = None) -> Response:
    """Contest a decision."""
    await limit(market, "appeals", actor.worker(), APPEALS_PER_HOUR, 3600)
    return response_of(await appeals.file(market, actor, body, key))


@router.get("/workers/me/appeals")
async def mine(
    market: TheMarket, actor: TheActor, cursor: Cursor = None, limit: Limit = 50
) -> Page[AppealView]:
    """The worker's appeals, newest first."""
    return await market.store.read(appeals.mine, actor.worker(), cursor, limit)


@router.get("/appeals")
async def queue(
    market: TheMarket, actor: TheActor, cursor: PartCursor = None, limit: Limit = 50
) -> Page[DeskAppealView]:
    """Every appeal, open ones first; for staff and clerks."""
    needs(actor, *explaining.DESK)
    return await market.store.read(appeals.queue, cursor, limit)


@router.post("/appeals/{item}/answer", response_model=DeskAppealView)
async def answer(
    item: ItemId, body: AnswerIn, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """Answer an appeal, once."""
    needs(actor, *explaining.DESK)
    done = await market.transact(appeals.answer, market.rules, actor, AppealId(item), body, key)
    return response_of(done)
