"""Counts over the whole market, for staff."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gigmarket.domain.geo import Position
from gigmarket.store.tables import TABLES

_GIG = TABLES["gig"]
_OFFER = TABLES["offer"]
_ASSIGNMENT = TABLES["assignment"]


@dataclass(frozen=True, slots=True)
class Demand:
    """Free seats of one open gig, where and in which trade."""

    trade: str
    position: Position
    free_seats: int


class Reports:
    """Read-only counts inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def demand(self) -> list[Demand]:
        """Open gigs with the seats that nobody has taken or holds."""
        rows = self._connection.execute(
            select(
                _GIG.c.trade,
                _GIG.c.lat,
                _GIG.c.lng,
                (_GIG.c.headcount - _GIG.c.filled - _GIG.c.reserved).label("free"),
            ).where(_GIG.c.status == "open")
        )
        return [Demand(row.trade, Position(row.lat, row.lng), row.free) for row in rows]

    def pending_offers(self) -> int:
        """Offers waiting for an answer."""
        return self._connection.execute(
            select(func.count()).select_from(_OFFER).where(_OFFER.c.status == "pending")
        ).scalar_one()

    def assigned_since(self, since: datetime) -> int:
        """Assignments made since a moment."""
        return self._connection.execute(
            select(func.count()).select_from(_ASSIGNMENT).where(_ASSIGNMENT.c.created_at >= since)
        ).scalar_one()

    def checked_in(self) -> int:
        """Workers on site now."""
        return self._connection.execute(
            select(func.count()).select_from(_ASSIGNMENT).where(_ASSIGNMENT.c.status == "checked_in")
        ).scalar_one()
