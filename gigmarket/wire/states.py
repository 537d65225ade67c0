"""What a stream begins with: each role's whole state, and the market states beside it."""

from datetime import datetime
from typing import TypedDict

from gigmarket.domain.ids import StreamOwner
from gigmarket.wire.crews import CrewView
from gigmarket.wire.events import HallWorker
from gigmarket.wire.gigs import GigView
from gigmarket.wire.people import AccountView, WorkerView
from gigmarket.wire.values import StationView, View
from gigmarket.wire.work import AssignmentView, OfferView, SeatOfferView

RECENT = 200
"""A snapshot holds so many gigs or assignments, the newest, and older ones only while they are under way or not
paid yet."""


class WorkerState(View):
    """A worker's: their profile, pending offers and assignments, and whom they look for work with."""

    me: WorkerView
    offers: list[OfferView]
    assignments: list[AssignmentView]
    crew: CrewView | None = None


class EmployerState(View):
    """An employer's: their account, gigs, the people on them, and who is being asked."""

    me: AccountView
    gigs: list[GigView]
    assignments: list[AssignmentView]
    offers: list[SeatOfferView]


class StationState(View):
    """A station's, for its clerks and kiosks: who waits in the hall, and who is being asked."""

    station: StationView
    hall: list[HallWorker]
    offers: list[SeatOfferView]


class StaffState(View):
    """Staff follow the market states only."""


STATES: dict[StreamOwner, type[View]] = {
    StreamOwner.WORKER: WorkerState,
    StreamOwner.EMPLOYER: EmployerState,
    StreamOwner.STATION: StationState,
    StreamOwner.STAFF: StaffState,
}


class TradeCount(View):
    """Supply and demand of one trade."""

    trade: str
    workers: int
    free_seats: int


class MarketCounters(View):
    """The market in numbers, as of `at`."""

    available_workers: int
    open_gigs: int
    free_seats: int
    pending_offers: int
    assigned_today: int
    working_now: int
    by_trade: list[TradeCount]
    at: datetime


class RegionCounters(View):
    """Supply and demand in a town or a village, as of `at`; in the whole city where both are null."""

    town: str | None
    village: str | None
    available_workers: int
    open_gigs: int
    free_seats: int
    by_trade: list[TradeCount]
    at: datetime


class MarketCell(View):
    """One cell of the map: its centre and half its size in degrees. `workers` is null for one or two."""

    key: str
    lat: float
    lng: float
    half_lat: float
    half_lng: float
    workers: int | None
    free_seats: int


class MarketCells(View):
    """The cells in which anything is, `cell_m` metres wide."""

    cell_m: float
    cells: list[MarketCell]


class HistoryView(View):
    """The market's last hours: its counters, oldest first, and the minutes whose whole picture is kept."""

    items: list[MarketCounters]
    cells_at: list[datetime]


class MomentView(View):
    """The market as it was at one minute."""

    counters: MarketCounters
    cells: MarketCells


MarketStates = TypedDict("MarketStates", {"market.counters": MarketCounters, "market.cells": MarketCells})
