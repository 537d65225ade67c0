"""The desk: offers on their way to people, and who may not come in."""

from fastapi import APIRouter, Request

from gigmarket.domain.ids import AccountId, Role
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.accounts import end_sockets
from gigmarket.edge.http.parameters import ItemId, Limit
from gigmarket.services import deliveries, suspensions
from gigmarket.services.explaining import DESK
from gigmarket.wire.closing import Close
from gigmarket.wire.control import Ended
from gigmarket.wire.desk import (
    DeliveryView,
    DeskAccountView,
    FindAccountIn,
    RevealedView,
    RevealIn,
    SuspensionIn,
)
from gigmarket.wire.pages import Page

router = APIRouter(tags=["desk"])

FINDS_PER_HOUR = 200


@router.get("/offers/pending")
async def pending(market: TheMarket, actor: TheActor, limit: Limit = 50) -> Page[DeliveryView]:
    """Offers that wait for an answer, those that reached no screen yet first; for staff and clerks."""
    needs(actor, *DESK)
    return Page(items=await market.store.read(deliveries.pending, limit), next=None)


@router.post("/accounts/find")
async def find(body: FindAccountIn, market: TheMarket, actor: TheActor) -> DeskAccountView:
    """The account of a number; each look is audited. A clerk finds workers only."""
    needs(actor, *DESK)
    await limit(market, "finds", actor.account, FINDS_PER_HOUR, 3600)
    return await market.transact(suspensions.find, actor, body)


@router.post("/accounts/{item}/suspend")
async def suspend(
    item: ItemId, body: SuspensionIn, request: Request, market: TheMarket, actor: TheActor
) -> DeskAccountView:
    """Keep an account out: its sessions end, its sockets close on every server process."""
    needs(actor, Role.STAFF)
    shown, guests = await market.transact(suspensions.suspend, market.rules, actor, AccountId(item), body)
    hub = request.app.state.hub
    await end_sockets(market, hub, Ended(Close.FORBIDDEN, accounts=(item,)))
    if guests:
        await end_sockets(market, hub, Ended(Close.REVOKED, sessions=tuple(guests)))
    request.app.state.doorkeeper.forget_account(AccountId(item))
    return shown


@router.post("/accounts/{item}/restore")
async def restore(item: ItemId, body: SuspensionIn, market: TheMarket, actor: TheActor) -> DeskAccountView:
    """Let a suspended account in again."""
    needs(actor, Role.STAFF)
    return await market.transact(suspensions.restore, actor, AccountId(item), body)


@router.post("/accounts/{item}/reveal")
async def reveal(item: ItemId, body: RevealIn, market: TheMarket, actor: TheActor) -> RevealedView:
    """A worker's or an employer's name and number, to call them; audited with the reason."""
    needs(actor, *DESK)
    await limit(market, "finds", actor.account, FINDS_PER_HOUR, 3600)
    return await market.transact(suspensions.reveal, actor, AccountId(item), body)
