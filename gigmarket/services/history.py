"""The market's last hours: a sample a minute, kept for days, and read back for charts and replay."""

from datetime import datetime, timedelta

from gigmarket.domain.errors import NotFound
from gigmarket.services.market import Market
from gigmarket.services.market_states import market_states
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.states import HistoryView, MarketCells, MarketCounters, MarketStates, MomentView

KEPT = timedelta(days=7)
CELLS_KEPT = timedelta(hours=24)
CELLS_EVERY_MIN = 5
"""Cells of a full city are some hundred kB: not every minute, and for a day only."""
MOST = 360
"""Points of a chart; longer spans are told more coarsely."""


async def sample(market: Market) -> None:
    """Keep this minute, and forget what has had its day. Raises LiveDown, Unavailable."""
    await market.transact(keep, await market_states(market), market.clock())


def keep(tx: Transaction, states: MarketStates, now: datetime) -> None:
    """Keep the states under the minute they are of; the cells are blurred already."""
    minute = now.replace(second=0, microsecond=0)
    cells = states["market.cells"] if minute.minute % CELLS_EVERY_MIN == 0 else None
    tx.samples.add(
        minute, encode(states["market.counters"]).decode(), encode(cells).decode() if cells else None
    )
    tx.samples.forget(now - KEPT, now - CELLS_KEPT)


def history(tx: Transaction, now: datetime, hours: int) -> HistoryView:
    """The counters of the last hours, evenly spaced, and the minutes whose map can be replayed."""
    found = tx.samples.counters(now - timedelta(hours=hours))
    step = max(1, -(-hours * 60 // MOST))
    thin = found[::-1][::step][::-1]
    return HistoryView(
        items=[MarketCounters.model_validate_json(counters) for counters in thin],
        cells_at=list(tx.samples.cell_times(now - timedelta(hours=hours))),
    )


def moment(tx: Transaction, at: datetime) -> MomentView:
    """The whole picture of the last kept minute at or before a moment. Raises NotFound before the first."""
    found = tx.samples.cells(at)
    if found is None:
        raise NotFound("the market of that time is not kept")
    counters, cells = found
    return MomentView(
        counters=MarketCounters.model_validate_json(counters), cells=MarketCells.model_validate_json(cells)
    )
