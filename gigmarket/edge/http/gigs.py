"""Gigs: posting, watching, calling off."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import EmployerId, GigId, Role
from gigmarket.edge.auth import TheActor, TheMarket, actor_of, limit, market_of, needs
from gigmarket.edge.http.operations import KEY_HEADER, KEY_LENGTHS, IdempotencyKey, response_of, run
from gigmarket.edge.http.parameters import Cursor, ItemId, Limit
from gigmarket.services import gigs, road_advice
from gigmarket.services.commands import fingerprint, once
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.travel.datum import to_wgs84
from gigmarket.wire.bodies import EmptyBody, PaymentsBody
from gigmarket.wire.codec import encode
from gigmarket.wire.gigs import GigIn, GigView
from gigmarket.wire.pages import Page
from gigmarket.wire.work import GigArgs, GigDetail, GigSettleArgs, SettledAnswer

POSTS_PER_MINUTE = 60


class _Shortly(APIRoute):
    """A posting that is in order goes straight to `post`: somebody waits for its offer, and dependencies took a
    twentieth of the server's part of it. Anything else goes FastAPI's way, and is refused there.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's documented way to handle a request oneself."""
        usual = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get(KEY_HEADER)
            plain = request.headers.get("content-type") == "application/json"
            if not plain or (key is not None and len(key) not in KEY_LENGTHS):
                return await usual(request)
            try:
                body = GigIn.model_validate(await request.json())
            except (ValueError, RecursionError, ClientDisconnect):
                return await usual(request)
            return await post(body, market_of(request), await actor_of(request), key)

        return handle


posting = APIRouter(tags=["gigs"], route_class=_Shortly)
router = APIRouter(tags=["gigs"])


@posting.post("/gigs", status_code=201, response_model=GigDetail)
async def post(body: GigIn, market: TheMarket, actor: TheActor, key: IdempotencyKey = None) -> Response:
    """Publish a gig at once; offers follow."""
    needs(actor, Role.EMPLOYER)
    await limit(market, "posts", actor.account, POSTS_PER_MINUTE, 60)
    site = to_wgs84(body.site.lat, body.site.lng, body.site.datum)
    return response_of(await market.transact(_post, market.rules, actor, body, site, key))


@router.get("/gigs")
async def mine(
    market: TheMarket,
    actor: TheActor,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[GigView]:
    """The employer's gigs, newest first."""
    return await market.store.read(_mine, actor.employer(), cursor, limit)


@router.get("/gigs/{item}")
async def detail(item: ItemId, market: TheMarket, actor: TheActor) -> GigDetail:
    """A gig with its people."""
    return await market.store.read(gigs.detail, actor, GigId(item))


@router.post("/gigs/{item}/cancel", response_model=GigView)
async def cancel(
    item: ItemId,
    market: TheMarket,
    actor: TheActor,
    key: IdempotencyKey = None,
    _: Annotated[EmptyBody | None, Body()] = None,
) -> Response:
    """Call the gig off."""
    return await run(market, actor, "gig.cancel", GigArgs(gig_id=item), key, "gig")


@router.post("/gigs/{item}/settle", response_model=SettledAnswer)
async def settle(
    item: ItemId, body: PaymentsBody, market: TheMarket, actor: TheActor, key: IdempotencyKey = None
) -> Response:
    """Record what several people were paid: all of it or, with the first refusal, nothing."""
    return await run(market, actor, "gig.settle", GigSettleArgs(gig_id=item, payments=body.payments), key)


def _post(tx: Transaction, rules: Rules, actor: Actor, body: GigIn, site: Position, key: str | None) -> Answer:
    def work() -> Answer:
        posted = gigs.post(tx, rules, actor.employer(), body.draft(site))
        advice = road_advice.of_site(rules, body.site)
        return Answer(201, encode(posted.model_copy(update={"advice": advice})))

    return once(tx, actor, key, fingerprint("gig.post", body), work)


def _mine(tx: Transaction, employer: EmployerId, cursor: str | None, limit: int) -> Page[GigView]:
    found = tx.gigs.of_employer(employer, cursor, limit)
    return Page(items=[GigView.of(gig) for gig in found], next=found[-1].id if len(found) == limit else None)
