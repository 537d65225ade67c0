"""A sample a minute: kept once, thinned for long spans, cells for a day, gone after a week."""

from datetime import timedelta

import pytest

from gigmarket.domain.errors import NotFound
from gigmarket.services import history
from gigmarket.wire.states import MarketCell, MarketCells, MarketCounters, MarketStates, TradeCount
from tests.services.town import Town


def states(town: Town, workers: int) -> MarketStates:
    cell = MarketCell(
        key="1:1", lat=28.06, lng=115.55, half_lat=0.002, half_lng=0.002, workers=None, free_seats=1
    )
    counters = MarketCounters(
        available_workers=workers,
        open_gigs=1,
        free_seats=1,
        pending_offers=0,
        assigned_today=0,
        working_now=0,
        by_trade=[TradeCount(trade="porter", workers=workers, free_seats=1)],
        at=town.now,
    )
    return {"market.counters": counters, "market.cells": MarketCells(cell_m=500, cells=[cell])}


def minutes(town: Town, count: int) -> None:
    for number in range(count):
        town.do(history.keep, states(town, number), town.now)
        town.wait(minutes=1)


def seen(town: Town, hours: int) -> list[int]:
    view = town.see(history.history, town.now, hours)
    return [counters.available_workers for counters in view.items]


def test_every_minute_is_kept_once_with_a_map_every_fifth(town: Town) -> None:
    minutes(town, 12)
    town.do(history.keep, states(town, 99), town.now - timedelta(seconds=30))
    assert seen(town, 1) == list(range(12))
    view = town.see(history.history, town.now, 1)
    begun = town.now - timedelta(minutes=12)
    assert view.cells_at == [begun + timedelta(minutes=n) for n in (0, 5, 10)]


def test_the_picture_of_a_moment_is_the_last_one_before_it(town: Town) -> None:
    begun = town.now
    minutes(town, 12)
    shown = town.see(history.moment, begun + timedelta(minutes=9, seconds=59))
    assert (shown.counters.available_workers, shown.cells.cells[0].workers) == (5, None)
    with pytest.raises(NotFound):
        town.see(history.moment, begun - timedelta(seconds=1))


def test_long_spans_are_thinned_and_end_with_the_newest(town: Town) -> None:
    minutes(town, 61)
    assert seen(town, 1)[-1] == 60
    thin = seen(town, 168)
    assert thin == [4, 32, 60]


def test_what_has_had_its_day_goes(town: Town) -> None:
    minutes(town, 1)
    town.wait(hours=25)
    minutes(town, 1)
    view = town.see(history.history, town.now, 168)
    assert len(view.cells_at) == 0 or view.cells_at[0] > town.now - timedelta(hours=24)
    town.wait(days=7)
    minutes(town, 1)
    assert len(town.see(history.history, town.now, 168).items) == 1
