"""The live labour map (劳动力地图) and the counters over it: cells, not people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.geo import CELL_SIZE_M, Cell, cell_bounds, cell_centre, cell_of
from gigmarket.domain.trade import TRADES
from gigmarket.services.market import Market
from gigmarket.store.reports import Demand
from gigmarket.store.transaction import Transaction
from gigmarket.wire.states import MarketCell, MarketCells, MarketCounters, MarketStates, TradeCount

FEW = 3
"""Fewer people than this in a cell are shown as "a few"."""


async def market_states(market: Market) -> MarketStates:
    """The states `market.counters` and `market.cells`. Raises LiveDown, Unavailable."""
    now = market.clock()
    demand, pending, assigned, working = await market.store.read(_counts, midnight(day_of(now)))
    supply = await market.index.cells(CELL_SIZE_M)
    people = await market.index.people_cells(CELL_SIZE_M)
    workers = {trade: sum(cells.values()) for trade, cells in supply.items()}
    return {
        "market.counters": MarketCounters(
            available_workers=sum(people.values()),
            open_gigs=len(demand),
            free_seats=sum(row.free_seats for row in demand),
            pending_offers=pending,
            assigned_today=assigned,
            working_now=working,
            by_trade=trade_counts(workers, demand),
            at=now,
        ),
        "market.cells": MarketCells(cell_m=CELL_SIZE_M, cells=_cells(people, demand)),
    }


def trade_counts(workers: Mapping[str, int], demand: Sequence[Demand]) -> list[TradeCount]:
    """Every trade's workers, who are counted under each of theirs, and its free seats."""
    free: dict[str, int] = defaultdict(int)
    for row in demand:
        free[row.trade] += row.free_seats
    return [
        TradeCount(trade=trade.code, workers=workers.get(trade.code, 0), free_seats=free[trade.code])
        for trade in TRADES
    ]


def _cells(people: dict[Cell, int], demand: list[Demand]) -> list[MarketCell]:
    free: dict[Cell, int] = defaultdict(int)
    for row in demand:
        free[cell_of(row.position)] += row.free_seats
    cells = []
    for cell in sorted({*people, *free}):
        centre, bounds = cell_centre(cell), cell_bounds(cell)
        workers = people.get(cell, 0)
        cells.append(
            MarketCell(
                key=cell.key(),
                lat=round(centre.lat, 6),
                lng=round(centre.lng, 6),
                half_lat=round((bounds.north - bounds.south) / 2, 6),
                half_lng=round((bounds.east - bounds.west) / 2, 6),
                workers=None if 0 < workers < FEW else workers,
                free_seats=free.get(cell, 0),
            )
        )
    return cells


def _counts(tx: Transaction, since: datetime) -> tuple[list[Demand], int, int, int]:
    return (
        tx.reports.demand(),
        tx.reports.pending_offers(),
        tx.reports.assigned_since(since),
        tx.reports.checked_in(),
    )
