"""Placing by hand: a desk gives a worker a seat, within the rules that bind it, too, and says why.

A desk is no dispatcher and needs no fencing number: it takes the claim's locks in the claim's order, the gig's
row and then the worker's, and the schema counts seats and pending offers for both.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from gigmarket.domain import gig as gigs
from gigmarket.domain.actor import Actor
from gigmarket.domain.calendar import day_of
from gigmarket.domain.errors import FieldError, GigClosed, Invalid, NotPlaceable
from gigmarket.domain.fairness import Day
from gigmarket.domain.geo import Mode, Position, metres_between
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AccountId, GigId, OfferId, Role, WorkerId, new_id
from gigmarket.domain.offer import Offer, OfferCreated
from gigmarket.domain.placing import Pair, obstacle
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Worker
from gigmarket.live.connection import LiveDown
from gigmarket.services.commands import fingerprint, once
from gigmarket.services.crews import together_of
from gigmarket.services.entries import WORKED_BEFORE
from gigmarket.services.feeds import announce
from gigmarket.services.market import Market
from gigmarket.services.offers import accept
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import SPEEDS
from gigmarket.wire.codec import encode
from gigmarket.wire.desk import PlacedView, PlaceIn
from gigmarket.wire.work import AssignmentView, SeatOfferView

FURTHEST_S = 3600
"""Roads are searched this far; beyond, the way is estimated."""


@dataclass(frozen=True, slots=True)
class Way:
    """Seconds of travel to a site; `estimated` when they come from a straight line."""

    travel_s: int
    estimated: bool


async def place(market: Market, actor: Actor, gig_id: GigId, body: PlaceIn, key: str | None) -> Answer:
    """Give this worker a seat of this gig: an offer, accepted in the same act when they agreed at the desk.

    Raises GigClosed, NotPlaceable, Overlap, NotFound; Invalid when nobody knows where the worker is.
    """
    gig, worker, desk = await market.store.read(_look, actor, gig_id, body)
    here = desk if body.agreed and desk is not None else await whereabouts(market, worker)
    if here is None:
        raise Invalid.field("worker_id", "nobody knows where this worker is: let them go available first")
    way = await asyncio.to_thread(way_of, market.router, gig.draft.site.position, worker.mode, here)
    return await market.transact(_place, market.rules, actor, gig_id, body, way, key)


async def whereabouts(market: Market, worker: Worker) -> Position | None:
    """Where a worker is: by the live index, else by the last that SQL heard."""
    with suppress(LiveDown):
        known = await market.index.positions([worker.id])
        if worker.id in known:
            return known[worker.id]
    return worker.presence.position


def way_of(router: Router, site: Position, mode: Mode, here: Position) -> Way:
    """The way by roads, where there are any and it is not too long for a search; else by the straight line."""
    reach = router.reach(site, mode, FURTHEST_S)
    seconds = reach.seconds(here)
    if seconds is None:
        return Way(round(metres_between(site, here) / SPEEDS[mode].metres_per_second), True)
    return Way(round(seconds), reach.estimated)


def pair_of(tx: Transaction, gig: Gig, worker: Worker, way: Way | None) -> Pair:
    """What SQL knows about a worker and a gig, for the rules of placing."""
    hours = tx.assignments.hours_of([worker.id], tx.now() - WORKED_BEFORE)
    together = together_of(tx, worker)
    return Pair(
        worker=worker,
        gig=gig,
        travel_s=None if way is None else way.travel_s,
        pending=tx.offers.pending_of([worker.id]).get(worker.id),
        answered=frozenset(offer.status for offer, _ in tx.offers.of_pair(gig.id, worker.id)),
        hours=hours.get(worker.id, ()),
        party=together.size if together is not None else 1,
    )


def _look(tx: Transaction, actor: Actor, gig_id: GigId, body: PlaceIn) -> tuple[Gig, Worker, Position | None]:
    gig, worker = tx.gigs.get(gig_id), tx.workers.get(WorkerId(body.worker_id))
    return gig, worker, tx.stations.get(actor.station).position if actor.station else None


def _place(
    tx: Transaction, rules: Rules, actor: Actor, gig_id: GigId, body: PlaceIn, way: Way, key: str | None
) -> Answer:
    def work() -> Answer:
        return Answer(201, encode(by_hand(tx, rules, actor, gig_id, body, way)))

    return once(tx, actor, key, fingerprint(f"gig.place {gig_id}", body), work)


def by_hand(tx: Transaction, rules: Rules, actor: Actor, gig_id: GigId, asked: PlaceIn, way: Way) -> PlacedView:
    """As `place`, once the way is known: one transaction."""
    gig = tx.gigs.lock(gig_id)
    # Stronger than the claim's hold, which passes over a row held like this: neither makes the other's offer
    # a second one.
    worker = tx.workers.lock(WorkerId(asked.worker_id))
    offer = _offer(tx, rules, actor, gig, worker, asked, way)
    assignment: AssignmentView | None = None
    if asked.agreed:
        assignment = accept(tx, rules, worker.id, offer.id).assignment.model_copy(update={"gig": None})
        worker_at_desk = Actor(AccountId(worker.id), Role.WORKER, actor.session, actor.station, actor.account)
        tx.accounts.audit(worker_at_desk, "offer.accept", offer.id, tx.now())
    return PlacedView(offer=SeatOfferView.of(tx.offers.get(offer.id), worker.name), assignment=assignment)


def _offer(
    tx: Transaction, rules: Rules, actor: Actor, gig: Gig, worker: Worker, asked: PlaceIn, way: Way
) -> Offer:
    """The offer to make, or the round's own of the same gig that the worker says yes to at the desk."""
    now, pair = tx.now(), pair_of(tx, gig, worker, way)
    if tx.accounts.get(AccountId(worker.id)).suspended_at is not None:
        raise _refusal(Verdict.LEFT)
    held = pair.pending is not None and pair.pending.gig == gig.id
    if not held and not gig.recruits(now):
        raise GigClosed("the gig has no free seat any more")
    found = obstacle(pair, asked.agreed, now, rules.policy)
    if found is not None:
        raise _refusal(found)
    tx.accounts.audit(actor, f"gig.place {asked.reason}", worker.id, now)
    if pair.pending is not None:
        return pair.pending
    made = Offer(
        id=OfferId(new_id(now, rules.rng)),
        gig=gig.id,
        worker=worker.id,
        employer=gig.employer,
        station=worker.presence.station,
        travel_s=way.travel_s,
        estimated=way.estimated,
        created_at=now,
        # As long as in a hall, wherever the worker is: somebody has to call them.
        expires_at=min(gig.draft.ends_at, now + timedelta(seconds=rules.policy.kiosk_offer_s)),
        placed_by=actor.account,
        placed_reason=asked.reason,
    )
    reserved = gigs.reserve(gig, 1, now)
    tx.offers.add_many([made])
    tx.days.add([Day(worker.id, day_of(now), offers=1)])
    tx.gigs.save(reserved)
    announce(tx, [OfferCreated(made)], [reserved])
    # The dispatcher hears of its own offers by making them; of this one, by this.
    tx.redispatch(gig.id, worker.id)
    return made


def _refusal(verdict: Verdict) -> NotPlaceable:
    return NotPlaceable(f"not by hand either: {verdict}", (FieldError("worker_id", verdict.value),))
