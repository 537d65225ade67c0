"""A round of dispatch: what changed → who is near → the best assignment → one fenced claim → why."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from gigmarket.domain.explanation import Explanation
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import Proposal
from gigmarket.live.roster import Roster
from gigmarket.services.boards import Planned, plan_gigs
from gigmarket.services.claims import claim
from gigmarket.services.indexing import index_gigs
from gigmarket.services.layout import Known
from gigmarket.services.market import Market
from gigmarket.services.reasons import Turn, explanations, proposals
from gigmarket.store.transaction import Transaction

REFUSALS = dict[WorkerId, frozenset[GigId]]
RETOLD_S = 300.0
"""A gig that nobody is offered leaves its reasons at most this often, and only when they changed."""
NEW = timedelta(seconds=1)
"""A posting older than that is read from SQL: somebody may have answered it, and that wake-up be lost."""


@dataclass(slots=True)
class RoundReport:
    """What a round did: gigs looked at, pairs weighed, offers made and proposals that came too late."""

    gigs: int = 0
    pairs: int = 0
    offered: int = 0
    lost: int = 0
    planned: Planned | None = None
    proposed: list[Proposal] = field(default_factory=list)


@dataclass(slots=True)
class Told:
    """Which reasons each open gig has left last, and when, so that the same is not stored every few seconds."""

    waiting: list[Explanation] = field(default_factory=list)
    _funnels: dict[GigId, tuple[object, float]] = field(default_factory=dict)

    def last(self, reason: Explanation) -> Explanation:
        """This is what the gig's latest offers were made by."""
        self._funnels[reason.gig] = (dict(reason.funnel), reason.at.timestamp())
        return reason

    def add(self, reasons: Iterable[Explanation]) -> None:
        """Reasons of rounds without an offer: worth keeping when they changed, and not too often."""
        for reason in reasons:
            counts, at = self._funnels.get(reason.gig, (None, -RETOLD_S))
            if counts != dict(reason.funnel) and reason.at.timestamp() - at >= RETOLD_S:
                self.waiting.append(self.last(reason))

    def forget(self, gigs: Iterable[GigId]) -> None:
        """These gigs are open no longer."""
        for gig in gigs:
            self._funnels.pop(gig, None)


async def run_round(
    market: Market,
    roster: Roster,
    token: int,
    dirty: Iterable[GigId],
    turn: Turn,
    told: Told | None = None,
    posted: Mapping[GigId, Gig] = MappingProxyType({}),
) -> RoundReport:
    """Offer the free seats of these gigs to the best workers in their circles. `posted`: those among them of
    which nothing is known to have changed since.

    `token` is this dispatcher's fencing number: Fenced is raised when a newer one took over. Raises LiveDown,
    Unavailable.
    """
    now, told = market.clock(), told or Told()
    wanted = set(dirty)
    new = {name: gig for name, gig in posted.items() if abs(now - gig.posted_at) <= NEW}
    found, refused = await _found(market, wanted, new, now)
    report = RoundReport(gigs=len(found))
    if found:
        planned = await _plan(market, roster, found, refused, now, turn)
        report.planned, report.pairs = planned, len(planned.plan.codes)
        offers = report.proposed = proposals(planned, roster.columns)
        asked = sorted({offer.gig for offer in offers})
        why = partial(explanations, planned, roster.columns, turn, now, market.rules.policy)
        if offers:
            kept = [told.last(reason) for reason in why(asked)]
            report.offered = await market.transact(claim, market.rules, token, offers, turn.name, kept)
            report.lost = len(offers) - report.offered
            for offer in offers:
                roster.offered(offer.worker)
        told.add(why([gig.id for gig in found if gig.id not in asked]))
    told.forget(wanted - {gig.id for gig in found})
    full = _full(found, report)
    # After the offers: nobody looks a gig up before the next round. What is new and full was never there.
    await index_gigs(market, wanted - (full & new.keys()), [gig for gig in found if gig.id not in full])
    return report


async def keep_reasons(market: Market, token: int, told: Told) -> None:
    """Store the reasons of rounds that offered nothing; those of offers are stored with them. Raises
    Unavailable, and then they are tried again; Fenced when another dispatcher took over.
    """
    waiting, told.waiting = told.waiting, []
    try:
        if waiting:
            await market.store.transact(_keep, market.rules.city, token, waiting)
    except BaseException:
        told.waiting = waiting + told.waiting
        raise


async def _found(
    market: Market, wanted: set[GigId], new: Mapping[GigId, Gig], now: datetime
) -> tuple[list[Gig], REFUSALS]:
    """Those that recruit, by their ids, and who had their chance at which: nobody yet at a new one."""
    known = [gig for gig in new.values() if gig.recruits(now)]
    if not wanted - new.keys():
        return sorted(known, key=lambda gig: gig.id), {}
    read, refused = await market.store.read(_open_gigs, sorted(wanted - new.keys()), now)
    return sorted([*read, *known], key=lambda gig: gig.id), refused


def _full(found: Sequence[Gig], report: RoundReport) -> set[GigId]:
    """The gigs that have no free seat any more."""
    seats = Counter(offer.gig for offer in report.proposed) if not report.lost else Counter[GigId]()
    return {gig.id for gig in found if seats[gig.id] == gig.free_seats()}


async def _plan(
    market: Market, roster: Roster, found: Sequence[Gig], refused: REFUSALS, now: datetime, turn: Turn
) -> Planned:
    known = Known(refused, market.router, market.rules.policy, now, turn.seed)
    # On roads a new site is a search of its own: off the loop with it. The roster stands still meanwhile, since
    # only this task changes rows; a heartbeat that comes in between waits in the inbox of the dispatcher.
    if market.router.estimated:
        return plan_gigs(found, roster, known)
    return await asyncio.to_thread(plan_gigs, found, roster, known)


def _keep(tx: Transaction, city: str, token: int, kept: Sequence[Explanation]) -> None:
    tx.fence.check(city, token)
    tx.explanations.add_many(kept)


def _open_gigs(tx: Transaction, ids: Sequence[GigId], now: datetime) -> tuple[list[Gig], REFUSALS]:
    gigs = tx.gigs.get_many(ids).values()
    found = [gig for gig in gigs if gig.recruits(now)]
    return found, tx.offers.refused([gig.id for gig in found])
