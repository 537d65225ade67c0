"""The ASGI application of one server process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Response

from gigmarket import __version__
from gigmarket.bootstrap import open_market
from gigmarket.edge import problems
from gigmarket.edge.auth import Doorkeeper
from gigmarket.edge.body_limit import BodyLimit
from gigmarket.edge.head import Head
from gigmarket.edge.http import (
    accounts,
    coverage,
    crews,
    demo,
    desk,
    fairness,
    gigs,
    health,
    kiosks,
    market,
    offers,
    pages,
    places,
    placing,
    tickets,
    why,
    workers,
)
from gigmarket.edge.openapi import PROBLEMS, document
from gigmarket.edge.rehearsal import rehearse
from gigmarket.edge.turnstile import TicketOffice, Turnstile
from gigmarket.edge.ws.gate import Gate
from gigmarket.edge.ws.hub import Hub
from gigmarket.settings import Settings
from gigmarket.wire.codec import encode
from gigmarket.wire.schema import asyncapi

PREFIX = "/api/v1"


def create_app(settings: Settings) -> FastAPI:
    """The application; its market opens with the lifespan and closes with it."""

    turnstile = Turnstile()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        the_market = open_market(settings, modes=())
        hub = Hub(the_market, turnstile)
        app.state.market, app.state.hub = the_market, hub
        app.state.doorkeeper = Doorkeeper(the_market)
        running = asyncio.create_task(hub.run())
        running.add_done_callback(_fail_loudly)
        await rehearse(app)
        # uvicorn hands this to each socket of its protocol class.
        yield {"gate": Gate(settings, the_market, hub)}
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await the_market.close()

    app = FastAPI(
        title="gigmarket",
        version=__version__,
        description="Dispatch server for a city's gig market (零工市场).",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
    )
    problems.install(app)
    document(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(TicketOffice, turnstile=turnstile)
    app.add_middleware(Head)
    # Routes are tried in turn, at some 2 µs each: first a posting, for whose offer somebody waits, and tickets,
    # which come in crowds. Workers before gigs: /gigs/nearby must not be read as a gig's id.
    app.include_router(gigs.posting, prefix=PREFIX)
    routers = (tickets, accounts, workers, crews, why, placing, gigs, places, offers, kiosks, desk, market)
    for router in (part.router for part in routers):
        app.include_router(router, prefix=PREFIX)
    app.include_router(coverage.routes(settings.residents, settings.roads), prefix=PREFIX)
    app.include_router(fairness.router, prefix=PREFIX)
    app.include_router(health.router)
    if settings.demo:
        app.include_router(demo.router)
    pages.install(app)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi_document() -> Response:
        return Response(encode(asyncapi(__version__)), media_type="application/json")

    return app


def _fail_loudly(running: "asyncio.Task[None]") -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        raise SystemExit("the hub ended") from error
