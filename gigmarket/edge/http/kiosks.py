"""Kiosks: enrolment and revocation, who stands in front of one, tickets and cards, kept attendance."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from gigmarket.domain.errors import Unauthenticated
from gigmarket.domain.ids import AccountId, AssignmentId, Role, StationId
from gigmarket.edge.auth import Doorkeeper, TheActor, TheMarket, limit, needs, set_cookie
from gigmarket.edge.http.accounts import end_sockets
from gigmarket.edge.http.operations import IdempotencyKey, response_of
from gigmarket.edge.http.parameters import Cursor, ItemId, Limit
from gigmarket.services import accounts, attendance, kiosks, passes
from gigmarket.services.credentials import digest, hash_pin, pin_matches
from gigmarket.wire.closing import Close
from gigmarket.wire.control import Ended
from gigmarket.wire.kiosks import (
    ApproveIn,
    AttendanceIn,
    ClaimIn,
    ClaimView,
    ClerkIn,
    EnrolmentView,
    GuestView,
    KioskView,
    PassView,
    RevokedView,
    ScanIn,
    WorkerIn,
)
from gigmarket.wire.pages import Page
from gigmarket.wire.people import IdentifyIn, KioskIn, PinIn, SessionView
from gigmarket.wire.work import AssignmentView

router = APIRouter()

HOUR_S = 3600
PIN_WINDOW_S = timedelta(minutes=15).total_seconds()


@router.post("/kiosks", status_code=201, tags=["stations"])
async def open_kiosk(
    body: KioskIn, request: Request, response: Response, market: TheMarket, actor: TheActor
) -> SessionView:
    """A clerk turns this screen into a kiosk."""
    station = StationId(body.station_id) if body.station_id else None
    session = await market.transact(accounts.open_kiosk, market.rules, actor, station)
    set_cookie(request, response, session)
    return session


@router.get("/kiosks", tags=["stations"])
async def all_kiosks(
    market: TheMarket, actor: TheActor, cursor: Cursor = None, limit: Limit = 50
) -> Page[KioskView]:
    """Devices, newest first: all for staff, their own station's for clerks."""
    needs(actor, Role.STAFF, Role.CLERK)
    return await market.store.read(kiosks.all_of, actor, cursor, limit)


@router.post("/kiosks/enrolments", status_code=201, tags=["stations"])
async def begin(request: Request, market: TheMarket) -> EnrolmentView:
    """A new screen asks for a code to show until somebody approves it."""
    caller = request.client.host if request.client else "unknown"
    await limit(market, "enrolments", caller, 60, HOUR_S)
    return await market.transact(kiosks.begin, market.rules)


@router.post("/kiosks/enrolments/approve", status_code=201, tags=["stations"])
async def approve(body: ApproveIn, market: TheMarket, actor: TheActor) -> KioskView:
    """The screen that shows this code is one of ours."""
    needs(actor, Role.STAFF, Role.CLERK)
    await limit(market, "enrolment-codes", actor.account, 60, HOUR_S)
    return await market.transact(kiosks.approve, market.rules, actor, body)


@router.post("/kiosks/enrolments/{item}/claim", tags=["stations"])
async def claim(
    item: ItemId, body: ClaimIn, request: Request, response: Response, market: TheMarket
) -> ClaimView:
    """The screen asks whether it was approved, every few seconds; then it gets its session."""
    await limit(market, "claims", item, 400, HOUR_S)
    found = await market.transact(kiosks.claim, market.rules, item, body.secret)
    if found.session is not None:
        set_cookie(request, response, found.session)
    return found


@router.post("/kiosks/{item}/revoke", tags=["stations"])
async def revoke(item: ItemId, request: Request, market: TheMarket, actor: TheActor) -> KioskView:
    """Shut a device out at once: its session and those it opened end, its sockets close everywhere."""
    needs(actor, Role.STAFF, Role.CLERK)
    shown, guests, clerks = await market.transact(kiosks.revoke, actor, AccountId(item))
    hub, doorkeeper = request.app.state.hub, _doorkeeper(request)
    await end_sockets(market, hub, Ended(Close.FORBIDDEN, accounts=(item,)))
    if guests:
        await end_sockets(market, hub, Ended(Close.REVOKED, sessions=tuple(guests)))
    for account in (AccountId(item), *clerks):
        doorkeeper.forget_account(account)
    return shown


@router.post("/kiosks/identify", status_code=201, tags=["stations"])
async def identify(body: IdentifyIn, market: TheMarket, actor: TheActor) -> SessionView:
    """A worker at a kiosk, by phone or ID number and PIN: a session of ten minutes bound to the station."""
    needs(actor, Role.KIOSK)
    await limit(market, "pin", body.phone or digest(body.id_number or ""), 5, PIN_WINDOW_S)
    account, stored = await market.store.read(accounts.worker_at_kiosk, body)
    if not await asyncio.to_thread(pin_matches, body.pin, stored):
        raise Unauthenticated("the PIN does not match")
    return await market.transact(accounts.identify, market.rules, actor, account)


@router.post("/kiosks/scan", status_code=201, tags=["stations"])
async def scan(body: ScanIn, market: TheMarket, actor: TheActor) -> GuestView:
    """A worker at a kiosk, by a ticket or a card: ten minutes for exactly what the paper allows."""
    needs(actor, Role.KIOSK)
    await limit(market, "scan", actor.account, 60, 60)
    return await market.transact(passes.scan, market.rules, actor, body.code)


@router.post("/kiosks/clerk", status_code=201, tags=["stations"])
async def clerk_mode(body: ClerkIn, market: TheMarket, actor: TheActor) -> SessionView:
    """A clerk at a kiosk, by phone number and PIN: a session of fifteen minutes, to act for workers."""
    needs(actor, Role.KIOSK)
    await limit(market, "clerk-pin", body.phone, 5, PIN_WINDOW_S)
    account, stored = await market.store.read(kiosks.clerk_pin, body.phone)
    if not await asyncio.to_thread(pin_matches, body.pin, stored):
        raise Unauthenticated("the PIN does not match")
    return await market.transact(kiosks.clerk_mode, market.rules, actor, account)


@router.post("/kiosks/attendance", response_model=AssignmentView, tags=["stations"])
async def keep_attendance(
    body: AttendanceIn, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """A check-in or check-out that the kiosk took down while it had no network."""
    needs(actor, Role.KIOSK)
    answer = await market.transact(attendance.keep, market.rules, actor, body, key)
    return response_of(answer, "assignment")


@router.put("/clerks/me/pin", status_code=204, tags=["stations"])
async def set_clerk_pin(body: PinIn, market: TheMarket, actor: TheActor) -> Response:
    """A clerk's own PIN for kiosks."""
    needs(actor, Role.CLERK)
    await market.transact(kiosks.set_clerk_pin, actor, await asyncio.to_thread(hash_pin, body.pin))
    return Response(status_code=204)


@router.post("/stations/me/workers/act-for", status_code=201, tags=["stations"])
async def act_for(body: WorkerIn, market: TheMarket, actor: TheActor) -> SessionView:
    """代办: a worker's session of ten minutes in a clerk's hands; each act is recorded with both."""
    needs(actor, Role.CLERK)
    await limit(market, "act-for", actor.account, 120, HOUR_S)
    return await market.transact(kiosks.act_for, market.rules, actor, body.phone)


@router.post("/stations/me/cards", status_code=201, tags=["stations"])
async def print_card(body: WorkerIn, market: TheMarket, actor: TheActor) -> PassView:
    """A wallet card for a worker; the one before is no longer good."""
    needs(actor, Role.CLERK)
    await limit(market, "cards", actor.account, 120, HOUR_S)
    return await market.transact(passes.card, market.rules, actor, body.phone)


@router.post("/stations/me/cards/revoke", tags=["stations"])
async def revoke_cards(body: WorkerIn, request: Request, market: TheMarket, actor: TheActor) -> RevokedView:
    """A lost wallet: the worker's card and tickets are no longer good, nor the sessions they opened."""
    needs(actor, Role.CLERK)
    return await market.transact(passes.revoke_all, actor, body.phone)


@router.post("/assignments/{item}/ticket", tags=["assignments"])
async def print_ticket(item: ItemId, market: TheMarket, actor: TheActor) -> PassView:
    """The ticket of an assignment, to be printed as a QR code."""
    needs(actor, Role.WORKER)
    return await market.transact(passes.ticket, market.rules, actor, AssignmentId(item))


def _doorkeeper(request: Request) -> Doorkeeper:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper
