"""Logging in and out, employers' names."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Request, Response

from gigmarket.domain.errors import Invalid, Unavailable, WrongCode
from gigmarket.domain.ids import Role
from gigmarket.edge.auth import Doorkeeper, TheActor, TheMarket, limit, needs, set_cookie
from gigmarket.edge.ws.hub import Hub
from gigmarket.live.connection import LiveDown
from gigmarket.services import accounts, names
from gigmarket.services.credentials import digest, hash_pin, new_login_code
from gigmarket.services.market import Market
from gigmarket.services.sms import login_code
from gigmarket.wire.closing import Close
from gigmarket.wire.control import Ended, pack_ended
from gigmarket.wire.people import (
    AccountView,
    EmployerIn,
    OtpIn,
    OtpSent,
    RegisterIn,
    SessionIn,
    SessionView,
)

router = APIRouter()

CODE_S = 300
HOUR_S = 3600


@router.post("/auth/otp", status_code=202, tags=["accounts"])
async def send_code(body: OtpIn, request: Request, market: TheMarket) -> OtpSent:
    """Send a one-time code by SMS; the answer is the same whether the number is known or not."""
    caller = request.client.host if request.client else "unknown"
    await limit(market, "otp-phone", body.phone, 5, HOUR_S)
    await limit(market, "otp-caller", caller, 60, HOUR_S)
    code = new_login_code()
    await market.codes.put(digest(body.phone), digest(body.phone, code), CODE_S)
    await market.sms.send(body.phone, login_code(code, CODE_S // 60), market.clock())
    return OtpSent(expires_in_s=CODE_S)


@router.post("/auth/sessions", status_code=201, tags=["accounts"])
async def log_in(body: SessionIn, request: Request, response: Response, market: TheMarket) -> SessionView:
    """Log in with the code; workers and employers sign up by it."""
    await limit(market, "login", body.phone, 10, HOUR_S)
    if not await market.codes.verify(digest(body.phone), digest(body.phone, body.code)):
        raise WrongCode("the code is wrong or has expired: ask for a new one")
    try:
        session = await market.transact(accounts.log_in, market.rules, body.role, body.phone, body.name)
    except (Invalid, Unavailable):
        # The name is missing, or nothing can be stored: the person comes again with the same code.
        with suppress(LiveDown):
            await market.codes.put(digest(body.phone), digest(body.phone, body.code), CODE_S)
        raise
    set_cookie(request, response, session)
    return session


@router.post("/auth/sessions/renew", status_code=201, tags=["accounts"])
async def renew(request: Request, response: Response, market: TheMarket, actor: TheActor) -> SessionView:
    """A new session before this one ends; an open socket goes on under it by a `refresh` frame."""
    await limit(market, "renew", actor.account, 10, HOUR_S)
    session = await market.transact(accounts.renew, market.rules, actor)
    set_cookie(request, response, session)
    return session


@router.get("/auth/sessions/current", tags=["accounts"])
async def who_am_i(market: TheMarket, actor: TheActor) -> AccountView:
    """The account behind this session."""
    return await market.store.read(accounts.me, actor)


@router.delete("/auth/sessions/current", status_code=204, tags=["accounts"])
async def log_out(request: Request, market: TheMarket, actor: TheActor) -> Response:
    """End this session and its sockets."""
    await market.transact(accounts.log_out, actor)
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    hub: Hub = request.app.state.hub
    doorkeeper.forget(actor)
    await end_sockets(market, hub, Ended(Close.REVOKED, sessions=(actor.session,)))
    response = Response(status_code=204)
    response.delete_cookie(f"gm_{actor.role.value}", path="/")
    return response


@router.get("/employers/me", tags=["employers"])
async def employer(market: TheMarket, actor: TheActor) -> AccountView:
    """The employer's account."""
    return await market.store.read(accounts.me, needs(actor, Role.EMPLOYER))


@router.put("/employers/me", tags=["employers"])
async def rename_employer(body: EmployerIn, market: TheMarket, actor: TheActor) -> AccountView:
    """Change the name workers see."""
    needs(actor, Role.EMPLOYER)
    # Each time everybody who ever worked there is told.
    await limit(market, "rename", actor.account, 10, HOUR_S)
    return await market.transact(names.rename_employer, actor, body.name)


@router.post("/stations/me/workers", status_code=201, tags=["stations"])
async def register(body: RegisterIn, market: TheMarket, actor: TheActor) -> AccountView:
    """A clerk enters a worker (代办)."""
    needs(actor, Role.CLERK)
    pin_hash = await asyncio.to_thread(hash_pin, body.pin)
    return await market.transact(accounts.register, market.rules, actor, body, pin_hash)


async def end_sockets(market: Market, hub: Hub, ended: Ended) -> None:
    """Close sockets here and on every other process; while the bus is away the others learn of it at their next
    ping.
    """
    hub.end(ended)
    with suppress(LiveDown):
        await market.bus.control(pack_ended(ended))
