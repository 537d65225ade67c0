"""Gigs as they are posted and shown: whole to their employer, by area to workers before acceptance."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from gigmarket.domain.geo import Position, cell_centre, cell_of
from gigmarket.domain.gig import Draft, Gig, GigStatus, Settlement, Site, Wage
from gigmarket.wire.values import (
    Address,
    Body,
    Count,
    Day,
    Flag,
    Instant,
    PositionIn,
    PositionView,
    Text,
    Title,
    View,
    WageIn,
    WageView,
)


class SiteIn(PositionIn):
    """Where the work is, and the address in words."""

    address: Address


class GigIn(Body):
    """A posting. Only `dispatch` (派单) hiring is open yet; times need an offset. `min_crew`: only for workers
    who come at least so many together.
    """

    title: Title
    trade: Annotated[str, Field(strict=True, min_length=1, max_length=40)]
    headcount: Annotated[Count, Field(ge=1, le=50)]
    site: SiteIn
    starts_at: Instant
    ends_at: Instant
    wage: WageIn
    settlement: Settlement = Settlement.DAILY
    settle_on: Day | None = None
    meals: Flag = False
    transport: Flag = False
    note: Text = ""
    hiring: Literal["dispatch"] = "dispatch"
    min_crew: Annotated[Count, Field(ge=1, le=50)] = 1

    def draft(self, site: Position) -> Draft:
        """The posting as a domain value; `site` is its position already converted to WGS-84."""
        return Draft(
            title=self.title,
            trade=self.trade,
            headcount=self.headcount,
            site=Site(site, self.site.address),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            wage=Wage(self.wage.amount_fen, self.wage.per),
            settlement=self.settlement,
            settle_on=self.settle_on,
            meals=self.meals,
            transport=self.transport,
            note=self.note.strip(),
            min_crew=self.min_crew,
        )


class SiteView(PositionView):
    """A gig's site with its address."""

    address: str


class GigView(View):
    """A gig as its employer and staff see it. The site code is for the people who come to work."""

    id: str
    status: GigStatus
    title: str
    trade: str
    headcount: int
    filled: int
    site: SiteView
    starts_at: datetime
    ends_at: datetime
    wage: WageView
    due_fen: int | None
    settlement: Settlement
    settle_on: date | None
    meals: bool
    transport: bool
    note: str
    hiring: Literal["dispatch"]
    posted_at: datetime
    recruit_until: datetime
    site_code: str
    min_crew: int

    @classmethod
    def of(cls, gig: Gig) -> "GigView":
        """The whole gig."""
        draft = gig.draft
        return cls(
            id=gig.id,
            status=gig.status,
            title=draft.title,
            trade=draft.trade,
            headcount=draft.headcount,
            filled=gig.filled,
            site=SiteView(
                lat=round(draft.site.position.lat, 6),
                lng=round(draft.site.position.lng, 6),
                address=draft.site.address,
            ),
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            wage=WageView.of(draft.wage),
            due_fen=gig.due_fen(),
            settlement=draft.settlement,
            settle_on=draft.settle_on,
            meals=draft.meals,
            transport=draft.transport,
            note=draft.note,
            hiring="dispatch",
            posted_at=gig.posted_at,
            recruit_until=gig.recruit_until,
            site_code=gig.site_code,
            min_crew=draft.min_crew,
        )


class GigCard(View):
    """A gig as a worker sees it: the ~500 m area until accepted, then the site and the employer's phone, which
    is left out where the city connects calls by a third number.
    """

    id: str
    title: str
    trade: str
    starts_at: datetime
    ends_at: datetime
    wage: WageView
    due_fen: int | None
    settlement: Settlement
    settle_on: date | None
    meals: bool
    transport: bool
    note: str
    employer: str
    area: PositionView
    min_crew: int
    site: SiteView | None = None
    employer_phone: str | None = None

    @classmethod
    def of(cls, gig: Gig, employer: str, accepted: bool = False, phone: str | None = None) -> "GigCard":
        """The card; the site is on it once accepted, and the employer's phone if it is given."""
        draft = gig.draft
        site = draft.site.position
        return cls(
            id=gig.id,
            title=draft.title,
            trade=draft.trade,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            wage=WageView.of(draft.wage),
            due_fen=gig.due_fen(),
            settlement=draft.settlement,
            settle_on=draft.settle_on,
            meals=draft.meals,
            transport=draft.transport,
            note=draft.note,
            employer=employer,
            area=PositionView.of(cell_centre(cell_of(site))),
            min_crew=draft.min_crew,
            site=SiteView(lat=round(site.lat, 6), lng=round(site.lng, 6), address=draft.site.address)
            if accepted
            else None,
            employer_phone=phone,
        )
