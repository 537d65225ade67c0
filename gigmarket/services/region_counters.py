"""Supply and demand in one region, by the index's cells and the sites of open gigs."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import CELL_SIZE_M, Cell, cell_centre
from gigmarket.domain.region import Region
from gigmarket.services.market import Market
from gigmarket.services.market_states import trade_counts
from gigmarket.services.regions import Regions, scope
from gigmarket.store.reports import Demand
from gigmarket.store.transaction import Transaction
from gigmarket.wire.states import RegionCounters


async def region_counters(market: Market, actor: Actor, asked: Region) -> RegionCounters:
    """The region that this desk sees. A cell of about half a kilometre belongs to the region of its centre.

    Raises Invalid for a town or a village without a station; LiveDown, Unavailable.
    """
    now = market.clock()
    regions, here, demand = await market.store.read(_demand, actor, asked)
    supply = await market.index.cells(CELL_SIZE_M)
    people = await market.index.people_cells(CELL_SIZE_M)
    cells = {*people, *(cell for counts in supply.values() for cell in counts)}
    inside = set(regions.within(here, list(cells), cell_centre))
    workers = {trade: _count(counts, inside) for trade, counts in supply.items()}
    return RegionCounters(
        town=here.town,
        village=here.village,
        available_workers=_count(people, inside),
        open_gigs=len(demand),
        free_seats=sum(row.free_seats for row in demand),
        by_trade=trade_counts(workers, demand),
        at=now,
    )


def _demand(tx: Transaction, actor: Actor, asked: Region) -> tuple[Regions, Region, list[Demand]]:
    regions, here = scope(tx, actor, asked)
    return regions, here, regions.within(here, tx.reports.demand(), lambda row: row.position)


def _count(counts: dict[Cell, int], inside: set[Cell]) -> int:
    return sum(count for cell, count in counts.items() if cell in inside)
