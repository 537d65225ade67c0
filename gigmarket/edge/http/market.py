"""Public facts about the market, and the live view for staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import Role
from gigmarket.domain.trade import TRADES
from gigmarket.edge.auth import TheActor, TheMarket, needs
from gigmarket.edge.http.parameters import InRegion
from gigmarket.services import history
from gigmarket.services.market_states import market_states
from gigmarket.services.region_counters import region_counters
from gigmarket.services.stations import station_view
from gigmarket.store.transaction import Transaction
from gigmarket.wire.meta import MetaView
from gigmarket.wire.pages import Page
from gigmarket.wire.states import HistoryView, MarketCells, MarketCounters, MomentView, RegionCounters
from gigmarket.wire.values import Instant, StationView, TradeView

router = APIRouter(tags=["market"])

Hours = Annotated[int, Query(ge=1, le=168)]
At = Annotated[Instant, Query(description="a moment in ISO 8601 with an offset")]


async def _desk(actor: TheActor) -> Actor:
    return needs(actor, Role.STAFF, Role.CLERK)


# As a dependency, so that the role is checked before the query.
TheDesk = Annotated[Actor, Depends(_desk)]


@router.get("/meta")
async def meta(market: TheMarket) -> MetaView:
    """Which city this is and how its circle is measured."""
    return market.meta


@router.get("/trades")
async def trades() -> Page[TradeView]:
    """Every trade's code and names."""
    return Page(items=[TradeView(code=t.code, zh=t.zh, en=t.en) for t in TRADES], next=None)


@router.get("/stations")
async def stations(market: TheMarket) -> Page[StationView]:
    """The public directory of stations."""
    return Page(items=await market.store.read(_stations), next=None)


@router.get("/market/stats")
async def stats(market: TheMarket, actor: TheActor) -> MarketCounters:
    """Supply and demand now."""
    needs(actor, Role.STAFF, Role.CLERK)
    return (await market_states(market))["market.counters"]


@router.get("/market/region")
async def in_region(market: TheMarket, actor: TheDesk, region: InRegion) -> RegionCounters:
    """Supply and demand now in a town or a village; a station's staff see its region only."""
    return await region_counters(market, actor, region)


@router.get("/market/map")
async def labour_map(market: TheMarket, actor: TheActor) -> MarketCells:
    """The labour map: cells, not people; fewer than three are blurred."""
    needs(actor, Role.STAFF, Role.CLERK)
    return (await market_states(market))["market.cells"]


@router.get("/market/history")
async def last_hours(market: TheMarket, actor: TheDesk, hours: Hours = 6) -> HistoryView:
    """Supply and demand of the last hours, a point a minute at the finest."""
    return await market.store.read(history.history, market.clock(), hours)


@router.get("/market/history/moment")
async def moment(market: TheMarket, actor: TheDesk, at: At) -> MomentView:
    """The whole picture of the last kept minute at or before this moment."""
    return await market.store.read(history.moment, at)


def _stations(tx: Transaction) -> list[StationView]:
    return [station_view(station) for station in tx.stations.all()]
