"""Public facts about the market, and the live view for staff."""

from fastapi import APIRouter

from gigmarket.domain.ids import Role
from gigmarket.domain.trade import TRADES
from gigmarket.edge.auth import TheActor, TheMarket, needs
from gigmarket.services.market_states import market_states
from gigmarket.services.stations import station_view
from gigmarket.store.transaction import Transaction
from gigmarket.wire.meta import MetaView
from gigmarket.wire.pages import Page
from gigmarket.wire.states import MarketCells, MarketCounters
from gigmarket.wire.values import StationView, TradeView

router = APIRouter(tags=["market"])


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


@router.get("/market/map")
async def labour_map(market: TheMarket, actor: TheActor) -> MarketCells:
    """The labour map: cells, not people; fewer than three are blurred."""
    needs(actor, Role.STAFF, Role.CLERK)
    return (await market_states(market))["market.cells"]


def _stations(tx: Transaction) -> list[StationView]:
    return [station_view(station) for station in tx.stations.all()]
