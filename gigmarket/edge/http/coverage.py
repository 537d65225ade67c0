"""Who gets where in time, for staff: reach as cells, the stations' coverage, and where the next ones help."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Datum, Mode, Position
from gigmarket.domain.ids import GigId, Role, StationId
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.parameters import ItemId
from gigmarket.services import coverage
from gigmarket.store.transaction import Transaction
from gigmarket.travel.datum import to_wgs84
from gigmarket.travel.residents import BadResidents, Place, load_residents
from gigmarket.travel.roads import sketch
from gigmarket.travel.streets import DamagedRoads
from gigmarket.wire.codec import encode
from gigmarket.wire.coverage import BasemapLayers, BasemapView, CoverageView, ReachView

log = logging.getLogger("gigmarket.coverage")

REACHES_PER_MINUTE = 120
COVERAGES_PER_MINUTE = 20

LimitS = Annotated[int | None, Query(ge=60, le=3600, description="seconds; the city's circle when left out")]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Sites = Annotated[int, Query(ge=0, le=10, alias="next", description="how many further sites to propose")]


async def _staff(actor: TheActor) -> Actor:
    return needs(actor, Role.STAFF)


async def _office(actor: TheActor) -> Actor:
    return needs(actor, Role.STAFF, Role.CLERK)


async def _map_reader(actor: TheActor) -> Actor:
    return needs(actor, Role.STAFF, Role.CLERK, Role.EMPLOYER, Role.WORKER)


# As dependencies, so that the role is checked before the query.
TheStaff = Annotated[Actor, Depends(_staff)]
TheOffice = Annotated[Actor, Depends(_office)]
TheMapReader = Annotated[Actor, Depends(_map_reader)]


def routes(residents: Path | None, roads: Path | None) -> APIRouter:
    """The routes. A table of residents that is no good costs the residents' share, a damaged map its lines, not
    the service.
    """
    router = APIRouter(tags=["market"])
    places, lines = _residents(residents), _basemap(roads)
    # One at a time per process: each is up to some seconds of a core.
    turn = asyncio.Lock()

    @router.get("/market/reach")
    async def reach(
        market: TheMarket,
        actor: TheOffice,
        lat: Lat,
        lng: Lng,
        datum: Datum,
        mode: Mode,
        limit_s: LimitS = None,
    ) -> ReachView:
        """The cells from which a place is reached in time by one mode."""
        return await _reach(market, actor, to_wgs84(lat, lng, datum), mode, limit_s)

    @router.get("/gigs/{item}/reach")
    async def gig_reach(
        item: ItemId, market: TheMarket, actor: TheStaff, mode: Mode, limit_s: LimitS = None
    ) -> ReachView:
        """The cells from which a gig is reached in time by one mode."""
        site = await market.store.read(_site, GigId(item))
        return await _reach(market, actor, site, mode, limit_s)

    @router.get("/stations/{item}/reach")
    async def station_reach(
        item: ItemId, market: TheMarket, actor: TheOffice, mode: Mode, limit_s: LimitS = None
    ) -> ReachView:
        """The cells from which a station is reached in time by one mode."""
        site = await market.store.read(_station, StationId(item))
        return await _reach(market, actor, site, mode, limit_s)

    @router.get("/market/coverage")
    async def covered(
        market: TheMarket, actor: TheStaff, mode: Mode, sites: Sites = 5, limit_s: LimitS = None
    ) -> CoverageView:
        """Shares of workers and residents within reach of a station, and the best next sites."""
        await limit(market, "coverage", actor.account, COVERAGES_PER_MINUTE, 60)
        async with turn:
            return await coverage.coverage_of(
                market, places, mode, limit_s or market.rules.policy.circle_s, sites
            )

    @router.get("/market/basemap", response_model=BasemapView)
    async def basemap(actor: TheMapReader) -> Response:
        """The city's rivers and main roads as lines to draw under the cells."""
        return Response(
            lines, media_type="application/json", headers={"Cache-Control": "private, max-age=86400"}
        )

    return router


async def _reach(market: TheMarket, actor: Actor, site: Position, mode: Mode, limit_s: int | None) -> ReachView:
    await limit(market, "reach", actor.account, REACHES_PER_MINUTE, 60)
    return await coverage.reach_of(market, site, mode, limit_s or market.rules.policy.circle_s)


def _residents(path: Path | None) -> tuple[Place, ...]:
    if path is None:
        return ()
    try:
        return load_residents(path)
    except BadResidents as error:
        log.warning("%s; coverage is told without residents", error)
        return ()


def _basemap(roads: Path | None) -> bytes:
    """Encoded once: it is the same for everybody until other roads are loaded."""
    try:
        found = sketch.load(roads) if roads else None
    except DamagedRoads as error:
        log.warning("%s; maps are drawn without roads", error)
        found = None
    if found is None:
        return encode(BasemapView())
    return encode(BasemapView(attribution=found.attribution, layers=BasemapLayers(**found.layers)))


def _site(tx: Transaction, gig: GigId) -> Position:
    return tx.gigs.get(gig).draft.site.position


def _station(tx: Transaction, station: StationId) -> Position:
    return tx.stations.get(station).position
