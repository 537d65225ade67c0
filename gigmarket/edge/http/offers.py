"""Offers and assignments: every step of both, by the operations the socket has too."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from gigmarket.domain.ids import AssignmentId, Role
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.operations import IdempotencyKey, run
from gigmarket.edge.http.parameters import ItemId
from gigmarket.services.calls import number_for
from gigmarket.wire.bodies import (
    CheckInBody,
    CheckOutBody,
    DeclineBody,
    EmptyBody,
    LateBody,
    ReasonBody,
    SettleBody,
    VouchBody,
)
from gigmarket.wire.work import (
    AssignmentAnswer,
    AssignmentArgs,
    AssignmentView,
    CallView,
    CheckInArgs,
    CheckOutArgs,
    DeclineArgs,
    LateArgs,
    OfferAnswer,
    OfferArgs,
    ReasonArgs,
    SettleArgs,
    VouchArgs,
)

router = APIRouter()

CALLS_PER_HOUR, HOUR_S = 30, 3600
Nothing = Annotated[EmptyBody | None, Body()]


@router.post("/offers/{item}/accept", response_model=AssignmentAnswer, tags=["offers"])
async def accept(
    item: ItemId, market: TheMarket, actor: TheActor, key: IdempotencyKey = None, _: Nothing = None
) -> Response:
    """Take the reserved seat."""
    return await run(market, actor, "offer.accept", OfferArgs(offer_id=item), key)


@router.post("/offers/{item}/decline", response_model=OfferAnswer, tags=["offers"])
async def decline(
    item: ItemId,
    market: TheMarket,
    actor: TheActor,
    key: IdempotencyKey = None,
    body: Annotated[DeclineBody | None, Body()] = None,
) -> Response:
    """Say no, with a reason or without."""
    args = DeclineArgs(offer_id=item, reason=body.reason if body else None)
    return await run(market, actor, "offer.decline", args, key)


@router.post("/offers/{item}/extend", response_model=OfferAnswer, tags=["offers"])
async def extend(
    item: ItemId, market: TheMarket, actor: TheActor, key: IdempotencyKey = None, _: Nothing = None
) -> Response:
    """再想想, once."""
    return await run(market, actor, "offer.extend", OfferArgs(offer_id=item), key)


@router.post("/assignments/{item}/call", tags=["assignments"])
async def call(item: ItemId, market: TheMarket, actor: TheActor) -> CallView:
    """A number that connects the worker and the employer, each from the phone they are known by.

    404 in a city that has none: `calls_hide_phones` of /meta tells.
    """
    needs(actor, Role.WORKER, Role.EMPLOYER)
    await limit(market, "call", actor.account, CALLS_PER_HOUR, HOUR_S)
    return await number_for(market, actor, AssignmentId(item))


@router.post("/assignments/{item}/check-in", response_model=AssignmentView, tags=["assignments"])
async def check_in(
    item: ItemId, body: CheckInBody, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """Arrive, with the site's code."""
    args = CheckInArgs(assignment_id=item, code=body.code, crew=body.crew, at=body.at)
    return await run(market, actor, "assignment.check_in", args, key, "assignment")


@router.post("/assignments/{item}/check-out", response_model=AssignmentView, tags=["assignments"])
async def check_out(
    item: ItemId,
    market: TheMarket,
    actor: TheActor,
    key: IdempotencyKey = None,
    body: Annotated[CheckOutBody | None, Body()] = None,
) -> Response:
    """Leave the site."""
    said = body or CheckOutBody()
    args = CheckOutArgs(assignment_id=item, crew=said.crew, at=said.at)
    return await run(market, actor, "assignment.check_out", args, key, "assignment")


@router.post("/assignments/{item}/confirm", response_model=AssignmentView, tags=["assignments"])
async def confirm(
    item: ItemId, market: TheMarket, actor: TheActor, key: IdempotencyKey = None, _: Nothing = None
) -> Response:
    """The money was received."""
    args = AssignmentArgs(assignment_id=item)
    return await run(market, actor, "assignment.confirm", args, key, "assignment")


@router.post("/assignments/{item}/settle", response_model=AssignmentView, tags=["assignments"])
async def settle(
    item: ItemId, body: SettleBody, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """The employer paid."""
    args = SettleArgs(assignment_id=item, amount_fen=body.amount_fen, reason=body.reason)
    return await run(market, actor, "assignment.settle", args, key, "assignment")


@router.post("/assignments/{item}/late", response_model=AssignmentView, tags=["assignments"])
async def late(
    item: ItemId, body: LateBody, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """The worker comes after the start, and says so."""
    args = LateArgs(assignment_id=item, minutes=body.minutes)
    return await run(market, actor, "assignment.late", args, key, "assignment")


@router.post("/assignments/{item}/vouch", response_model=AssignmentView, tags=["assignments"])
async def vouch(
    item: ItemId, body: VouchBody, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """The employer says that the worker is here, or has left."""
    args = VouchArgs(assignment_id=item, here=body.here)
    return await run(market, actor, "assignment.vouch", args, key, "assignment")


@router.post("/assignments/{item}/dispute", response_model=AssignmentView, tags=["assignments"])
async def dispute(
    item: ItemId,
    market: TheMarket,
    actor: TheActor,
    key: IdempotencyKey = None,
    body: Annotated[ReasonBody | None, Body()] = None,
) -> Response:
    """The worker contests the wage."""
    args = ReasonArgs(assignment_id=item, reason=body.reason if body else "")
    return await run(market, actor, "assignment.dispute", args, key, "assignment")


@router.post("/assignments/{item}/cancel", response_model=AssignmentView, tags=["assignments"])
async def cancel(
    item: ItemId,
    market: TheMarket,
    actor: TheActor,
    key: IdempotencyKey = None,
    body: Annotated[ReasonBody | None, Body()] = None,
) -> Response:
    """Either side calls it off before check-in."""
    args = ReasonArgs(assignment_id=item, reason=body.reason if body else "")
    return await run(market, actor, "assignment.cancel", args, key, "assignment")


@router.post("/assignments/{item}/no-show", response_model=AssignmentView, tags=["assignments"])
async def no_show(
    item: ItemId, market: TheMarket, actor: TheActor, key: IdempotencyKey = None, _: Nothing = None
) -> Response:
    """The worker never came."""
    args = AssignmentArgs(assignment_id=item)
    return await run(market, actor, "assignment.no_show", args, key, "assignment")
