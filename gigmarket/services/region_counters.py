"""Supply and demand in one region, by the index's cells and the sites of open gigs."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import CELL_SIZE_M, Cell, cell_centre
from gigmarket.domain.region import Region
from gigmarket.domain.trade import TRADES
from gigmarket.services.market import Market
from gigmarket.services.regions import Regions, scope
from gigmarket.store.reports import Demand
from gigmarket.store.transaction import Transaction
from gigmarket.wire.states import RegionCounters, TradeCount


async def region_counters(market: Market, actor: Actor, asked: Region) -> RegionCounters:
    """The region that this desk sees. A cell of about half a kilometre belongs to the region of its centre.

    Raises Invalid for a town or a village without a station; LiveDown, Unavailable.
    """
    now = market.clock()
    regions, here, demand = await market.store.read(_demand, actor, asked)
    supply = await market.index.cells(CELL_SIZE_M)
    people = await market.index.people_cells(CELL_SIZE_M)
    inside = _inside(regions, here, [*{*people, *(cell for cells in supply.values() for cell in cells)}])
    free = {trade.code: sum(row.free_seats for row in demand if row.trade == trade.code) for trade in TRADES}
    return RegionCounters(
        town=here.town,
        village=here.village,
        available_workers=_count(people, inside),
        open_gigs=len(demand),
        free_seats=sum(free.values()),
        by_trade=[
            TradeCount(
                trade=trade.code,
                workers=_count(supply.get(trade.code, {}), inside),
                free_seats=free[trade.code],
            )
            for trade in TRADES
        ],
        at=now,
    )


def _demand(tx: Transaction, actor: Actor, asked: Region) -> tuple[Regions, Region, list[Demand]]:
    regions, here = scope(tx, actor, asked)
    return regions, here, [row for row in tx.reports.demand() if here.holds(regions.of(row.position))]


def _inside(regions: Regions, here: Region, cells: list[Cell]) -> set[Cell]:
    found = regions.of_many([cell_centre(cell) for cell in cells])
    return {cell for cell, region in zip(cells, found, strict=True) if here.holds(region)}


def _count(counts: dict[Cell, int], inside: set[Cell]) -> int:
    return sum(count for cell, count in counts.items() if cell in inside)
