"""Who is asking: bearer tokens, role cookies for pages, and a short cache that spares SQL."""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, RateLimited, Unauthenticated
from gigmarket.domain.ids import AccountId, Role
from gigmarket.services import accounts
from gigmarket.services.credentials import token_hash
from gigmarket.services.market import Market
from gigmarket.together import Together
from gigmarket.wire.people import SessionView

CACHE_S = 2.0
"""A revoked session is refused everywhere within this time."""
CACHE_SIZE = 50_000
REQUESTS_PER_MINUTE = 600
ON_PAPER = frozenset(
    {
        "GET /workers/me",
        "GET /workers/me/crew",
        "GET /workers/me/offers",
        "GET /workers/me/assignments",
        "GET /workers/me/presence",
        "PUT /workers/me/presence",
        "POST /offers/{item}/accept",
        "POST /offers/{item}/decline",
        "POST /offers/{item}/extend",
        "POST /assignments/{item}/check-in",
        "POST /assignments/{item}/check-out",
        "POST /assignments/{item}/confirm",
        "POST /assignments/{item}/ticket",
        "GET /auth/sessions/current",
        "DELETE /auth/sessions/current",
    }
)
"""The routes for who came with a ticket or card; which of the operations it allows is the grant's to say."""


class Doorkeeper:
    """Knows the sessions it has seen in the last two seconds; lives as long as the server process."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._seen: dict[str, tuple[float, Actor]] = {}
        self._sessions = Together(self._read)

    async def actor(self, token: str) -> Actor:
        """Whose token this is. Raises Unauthenticated, RateLimited."""
        now = time.monotonic()
        key = token_hash(token)
        known = self._seen.get(key)
        if known is not None and now - known[0] < CACHE_S:
            return known[1]
        actor = await self._sessions.ask(token)
        if len(self._seen) >= CACHE_SIZE:
            self._seen.clear()
        self._seen[key] = (now, actor)
        return actor

    async def _read(self, tokens: Sequence[str]) -> Sequence[Actor | Exception]:
        return await self._market.store.read(accounts.authenticate_many, tokens, self._market.clock())

    def forget(self, actor: Actor) -> None:
        """The session ended here: do not wait for the cache."""
        self._seen = {key: seen for key, seen in self._seen.items() if seen[1].session != actor.session}

    def forget_account(self, account: AccountId) -> None:
        """The account was suspended here."""
        self._seen = {
            key: seen for key, seen in self._seen.items() if account not in (seen[1].account, seen[1].via)
        }


def market_of(request: Request) -> Market:
    """The process's market."""
    market: Market = request.app.state.market
    return market


def token_of(request: Request) -> str:
    """The bearer token, or the cookie of the role that `X-Client` names: a page of another site cannot send
    that header, so a cookie alone does nothing. Raises Unauthenticated.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    client = request.headers.get("x-client")
    cookie = request.cookies.get(f"gm_{client}") if client else None
    if not cookie:
        raise Unauthenticated("send Authorization: Bearer <token>")
    return cookie


async def actor_of(request: Request) -> Actor:
    """Who is asking. Raises Unauthenticated, RateLimited; Forbidden for what a paper does not allow."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    actor = await doorkeeper.actor(token_of(request))
    await limit(market_of(request), "requests", actor.account, REQUESTS_PER_MINUTE, 60)
    if actor.grant is not None and not _on_paper(request):
        raise Forbidden("this ticket or card does not allow that: identify with a PIN")
    return actor


def _on_paper(request: Request) -> bool:
    template = request.scope["route"].path_format.removeprefix("/api/v1")
    return f"{request.method} {template}" in ON_PAPER


async def limit(market: Market, name: str, subject: str, most: int, window_s: float) -> None:
    """Count a use. Raises RateLimited with the seconds to wait."""
    wait_s = await market.limits.take(name, subject, most, window_s)
    if wait_s > 0:
        raise RateLimited("too many requests: wait a little", wait_s)


def needs(actor: Actor, *roles: Role) -> Actor:
    """The actor, if it has one of these roles. Raises Forbidden."""
    if actor.role not in roles:
        raise Forbidden(f"this is for {' or '.join(roles)} only")
    return actor


def set_cookie(request: Request, response: Response, session: SessionView) -> None:
    """Give a page its session: not readable by scripts, one cookie per role."""
    response.set_cookie(
        f"gm_{session.account.role.value}",
        session.token,
        expires=session.expires_at,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


async def _the_market(request: Request) -> Market:
    # FastAPI calls a plain function from a thread, at a tenth of a millisecond for each request.
    return market_of(request)


TheMarket = Annotated[Market, Depends(_the_market)]


class Identified(SecurityBase):
    """`actor_of` as a dependency that `/openapi.json` tells of."""

    scheme_name = "session"
    model = HTTPBearer(description="A session's token. Pages send it as an HttpOnly cookie instead.")

    async def __call__(self, request: Request) -> Actor:
        """Who is asking. Raises as `actor_of`."""
        return await actor_of(request)


TheActor = Annotated[Actor, Depends(Identified())]
