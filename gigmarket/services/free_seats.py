"""Open gigs that are not full, for a desk to work off."""

from datetime import datetime

from gigmarket.domain.actor import Actor
from gigmarket.domain.gig import Gig
from gigmarket.domain.region import Region
from gigmarket.services.queues import cursor_of, mark_of
from gigmarket.services.regions import scope
from gigmarket.services.rules import Rules
from gigmarket.services.why_views import gig_view
from gigmarket.store.listed import Mark
from gigmarket.store.transaction import Transaction
from gigmarket.wire.pages import Page
from gigmarket.wire.values import WageView
from gigmarket.wire.why import UnfilledGig


def unfilled(
    tx: Transaction, rules: Rules, actor: Actor, asked: Region, cursor: str | None, limit: int
) -> Page[UnfilledGig]:
    """Open gigs of this desk's region with free seats and why they are not full, the soonest to begin first.

    Raises Invalid for a town or a village without a station, and for a cursor that no page gave.
    """
    regions, here = scope(tx, actor, asked)
    now, after = tx.now(), mark_of(cursor)
    free = regions.within(here, tx.gigs.with_free_seats(now), lambda gig: gig.draft.site.position)
    ordered = sorted(free, key=_soonest)
    found = [gig for gig in ordered if after is None or _soonest(gig) > (after.at, after.id)]
    gigs = found[:limit]
    employers = tx.accounts.get_many([gig.employer for gig in gigs])
    items = [
        UnfilledGig(
            **gig_view(gig, tx.explanations.latest(gig.id), rules, now).model_dump(),
            title=gig.draft.title,
            trade=gig.draft.trade,
            employer=employers[gig.employer].name,
            headcount=gig.draft.headcount,
            filled=gig.filled,
            asked=gig.reserved,
            starts_at=gig.draft.starts_at,
            posted_at=gig.posted_at,
            wage=WageView.of(gig.draft.wage),
        )
        for gig in gigs
    ]
    return Page(items=items, next=cursor_of(Mark(*_soonest(gigs[-1]))) if len(found) > limit else None)


def _soonest(gig: Gig) -> tuple[datetime, str]:
    return gig.draft.starts_at, gig.id
