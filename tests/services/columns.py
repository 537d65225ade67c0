"""Roster entries and gigs along one road to the north, for rounds laid out without a database."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position
from gigmarket.domain.gig import Gig, Site
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.trade import TRADES
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Entry, Promise
from gigmarket.services.layout import Known
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import SPEEDS, StraightLine
from tests.domain import samples
from tests.domain.samples import NOW, POLICY

T = NOW.timestamp()
SEED = bytes(range(32))
HOUR = 3600.0
LINES = StraightLine()


def place(metres: float) -> Position:
    """A place so many metres up the road."""
    return Position(28.06 + math.degrees(metres / EARTH_RADIUS_M), 115.55)


def way_s(metres: float, mode: Mode = Mode.EBIKE) -> float:
    """Seconds of travel for so many metres of the road."""
    return metres / SPEEDS[mode].metres_per_second


def metres_of(seconds: float, mode: Mode = Mode.EBIKE) -> float:
    """Metres of the road in so many seconds of travel."""
    return seconds * SPEEDS[mode].metres_per_second


def entry(name: str, metres: float = 0.0, **changes: Any) -> Entry:
    """A porter on an e-bike who just came, with some fields changed."""
    usual = Entry(
        worker=WorkerId(name),
        position=place(metres),
        mode=Mode.EBIKE,
        trades=frozenset({"porter"}),
        floor=0.0,
        since=T,
        until=math.inf,
        fresh_until=T + 90.0,
        heard=T + 90.0,
        reach=float(POLICY.circle_s),
        share=0.0,
        credit=0.0,
        key=sum(name.encode()) * 7919,
        offered=False,
        working=-math.inf,
    )
    return replace(usual, **changes)


def promise(starts_h: float, ends_h: float, metres: float = 0.0, home_s: float = 600.0) -> Promise:
    """Hours promised from now on, at a site up the road, `home_s` from home."""
    starts = T + starts_h * HOUR
    return Promise(GigId("g0"), place(metres), starts - home_s, starts, T + ends_h * HOUR)


def gig(
    name: str = "g1", metres: float = 0.0, starts_h: float = 1.0, hours: float = 4.0, **changes: Any
) -> Gig:
    """Porters wanted up the road, posted now; `changes` go to the draft."""
    starts_at = NOW + timedelta(hours=starts_h)
    wanted = {
        "headcount": 1,
        "site": Site(place(metres), "药都大道"),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        **changes,
    }
    return replace(samples.gig(**wanted), id=GigId(name))


def roster(entries: Iterable[Entry]) -> Roster:
    """These workers."""
    made = Roster([trade.code for trade in TRADES])
    made.put(entries)
    return made


def known(
    refused: Mapping[str, Sequence[str]] | None = None,
    now: datetime = NOW,
    policy: Policy = POLICY,
    router: Router = LINES,
) -> Known:
    """What a round goes by, at this moment."""
    declined = {WorkerId(worker): frozenset(map(GigId, gigs)) for worker, gigs in (refused or {}).items()}
    return Known(declined, router, policy, now, SEED)
