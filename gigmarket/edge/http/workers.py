"""Workers: profile, presence, their own offers and assignments, gigs near them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gigmarket.domain.ids import AssignmentId, WorkerId
from gigmarket.edge.auth import TheActor, TheMarket
from gigmarket.edge.http.operations import IdempotencyKey, run
from gigmarket.edge.http.parameters import Cursor, Limit
from gigmarket.services import accounts, earnings, nearby, presence, profiles, snapshots
from gigmarket.services.credentials import hash_pin
from gigmarket.store.transaction import Transaction
from gigmarket.wire.earnings import EarningsView
from gigmarket.wire.pages import Page
from gigmarket.wire.people import PinIn, PresenceIn, PresenceView, ProfileIn, WorkerView
from gigmarket.wire.work import AssignmentView, NearbyPage, OfferView

router = APIRouter(tags=["workers"])

PAGE = 50


@router.get("/workers/me")
async def profile(market: TheMarket, actor: TheActor) -> WorkerView:
    """The worker's own profile."""
    return await market.store.read(profiles.profile, actor.worker())


@router.put("/workers/me")
async def set_profile(body: ProfileIn, market: TheMarket, actor: TheActor) -> WorkerView:
    """What the worker does and how they travel."""
    return await market.transact(presence.set_profile, actor.worker(), body, market.rules.policy, actor)


@router.put("/workers/me/pin", status_code=204)
async def set_pin(body: PinIn, market: TheMarket, actor: TheActor) -> Response:
    """The PIN for kiosks."""
    worker = actor.worker()
    pin_hash = await asyncio.to_thread(hash_pin, body.pin)
    await market.transact(accounts.set_pin, worker, pin_hash, actor)
    return Response(status_code=204)


@router.get("/workers/me/presence")
async def get_presence(market: TheMarket, actor: TheActor) -> PresenceView:
    """Whether the worker gets offers now."""
    return (await market.store.read(profiles.profile, actor.worker())).presence


@router.put("/workers/me/presence", response_model=PresenceView)
async def set_presence(
    body: PresenceIn, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """Go available or offline."""
    return await run(market, actor, "presence.set", body, key)


@router.get("/workers/me/offers")
async def my_offers(market: TheMarket, actor: TheActor) -> Page[OfferView]:
    """Pending offers."""
    return Page(items=await market.store.read(snapshots.worker_offers, actor.worker()), next=None)


@router.get("/workers/me/assignments")
async def my_assignments(
    market: TheMarket, actor: TheActor, cursor: Cursor = None, limit: Limit = PAGE
) -> Page[AssignmentView]:
    """The worker's assignments, newest first; with a ticket its own only."""
    only = actor.grant.assignment if actor.grant else None
    return await market.store.read(_assignments, actor.worker(), cursor, limit, only)


@router.get("/workers/me/earnings")
async def my_earnings(
    market: TheMarket, actor: TheActor, month: Annotated[str | None, Query(max_length=7)] = None
) -> EarningsView:
    """What was earned in a month (YYYY-MM; the present one without), by day."""
    return await market.store.read(earnings.of_month, actor.worker(), month)


@router.get("/gigs/nearby")
async def gigs_nearby(market: TheMarket, actor: TheActor) -> NearbyPage:
    """Open gigs of the worker's trades inside the worker's circle, nearest first, and how many of others."""
    return await nearby.gigs_nearby(market, actor.worker())


def _assignments(
    tx: Transaction, worker: WorkerId, cursor: str | None, limit: int, only: AssignmentId | None
) -> Page[AssignmentView]:
    if only is not None:
        return Page(items=snapshots.worker_assignments(tx, [tx.assignments.get(only)]), next=None)
    found = tx.assignments.of_worker(worker, cursor, limit)
    return Page(
        items=snapshots.worker_assignments(tx, found), next=found[-1].id if len(found) == limit else None
    )
