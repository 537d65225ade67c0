"""A whole market of pure rules, driven at random: seats, offers and hours stay honest at every step."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gigmarket.domain import assignment as assignments
from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.assignment import VACANT, WORKING, Assignment, AssignmentStatus, Changed
from gigmarket.domain.errors import GigClosed, OfferClosed, TooEarly, WrongState
from gigmarket.domain.gig import ENDED, Gig, GigStatus, Site
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, WorkerId
from gigmarket.domain.offer import Offer, OfferStatus
from tests.domain.samples import EMPLOYER, NOW, POLICY, draft, seconds
from tests.domain.street import WORKERS, Person, place, proposals, way_s

LENGTHS_MIN = st.sampled_from([60, 120, 300])
CLOSED = VACANT | {AssignmentStatus.SETTLED}


def is_closed(held: Assignment) -> bool:
    """Nothing moves it any more; a check-in handed in later undoes what the clock alone took for a no-show."""
    return held.status in CLOSED and not assignments.was_missed(held)


def hand_in(held: Assignment, gig: Gig, now: datetime) -> Changed:
    """A device that had no network tells of a coming just before the end."""
    came = min(now, held.busy_until - timedelta(seconds=1))
    return assignments.check_in(held, held.worker, gig.site_code, gig, came, POLICY, told_at=now)


STEPS: dict[str, Callable[[Assignment, Gig, datetime], Changed]] = {
    "check_in": lambda a, g, now: assignments.check_in(a, a.worker, g.site_code, g, now, POLICY),
    "hand_in": hand_in,
    "check_out": lambda a, _, now: assignments.check_out(a, a.worker, now),
    "settle": lambda a, _, now: assignments.settle(a, EMPLOYER, 9_000, "半天", now),
    "confirm": lambda a, _, now: assignments.confirm(a, a.worker, now),
    "dispute": lambda a, _, __: assignments.dispute(a, a.worker, "少给了"),
    "cancel_by_worker": lambda a, _, __: assignments.cancel_by_worker(a, a.worker, "病了"),
    "cancel_by_employer": lambda a, _, __: assignments.cancel_by_employer(a, EMPLOYER, "下雨"),
    "no_show": lambda a, g, now: assignments.report_no_show(a, EMPLOYER, g, now, POLICY),
}


class Market(RuleBasedStateMachine):
    """Gigs, offers and assignments as rows would hold them; each rule is one service's transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.gigs: dict[GigId, Gig] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.assignments: dict[AssignmentId, Assignment] = {}
        self.ended: dict[str, object] = {}

    def pending(self) -> list[Offer]:
        return [offer for offer in self.offers.values() if offer.status is OfferStatus.PENDING]

    def working(self, worker: WorkerId) -> list[Assignment]:
        mine = [a for a in self.assignments.values() if a.worker == worker and a.status in WORKING]
        return sorted(mine, key=lambda a: (a.busy_until, a.id))

    @initialize(seed=st.integers(0, 2**16), taken=st.sets(st.integers(0, 4)), data=st.data())
    def morning(self, seed: int, taken: set[int], data: st.DataObject) -> None:
        """A market that has begun: three gigs, the first offers out, and some of them taken."""
        for headcount, x, start_min in ((1, 0, 60), (2, 6, 128), (3, 1, 60)):
            self.post(headcount=headcount, x=x, start_min=start_min, length_min=data.draw(LENGTHS_MIN))
        self.dispatch(seed=seed, asleep=set())
        for i, offer in enumerate(self.pending()):
            if i in taken:
                self.engage(offer)

    @rule(
        headcount=st.integers(1, 3),
        x=st.integers(0, 6),
        start_min=st.sampled_from([10, 60, 128, 150]),
        length_min=LENGTHS_MIN,
    )
    @precondition(lambda self: len(self.gigs) < 6)
    def post(self, headcount: int, x: int, start_min: int, length_min: int) -> None:
        starts_at = self.now + timedelta(minutes=start_min)
        wanted = draft(
            headcount=headcount,
            site=Site(place(x), "药都大道"),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=length_min),
        )
        gig, _ = gigs.post(wanted, GigId(f"g{len(self.gigs)}"), EMPLOYER, "314159", self.now, POLICY)
        self.gigs[gig.id] = gig

    @rule(by_s=st.sampled_from([1, 30, 59, 60, 61, 120, 600, 900, 3600]), swept=st.booleans())
    def wait(self, by_s: int, swept: bool) -> None:
        self.now += seconds(by_s)
        if swept:
            self.sweep()

    @rule(data=st.data(), by_s=st.sampled_from([-30, -1, 0, 1]))
    @precondition(lambda self: self.turning_points())
    def wait_for_a_turn(self, data: st.DataObject, by_s: int) -> None:
        """Move to about the next moment at which the clock decides something."""
        self.now = max(self.now, data.draw(st.sampled_from(self.turning_points())) + seconds(by_s))

    def turning_points(self) -> list[datetime]:
        live = [gig for gig in self.gigs.values() if gig.status not in ENDED]
        moments = {m for g in live for m in (g.draft.starts_at, g.recruit_until, g.draft.ends_at)}
        return sorted(moment for moment in moments if moment > self.now)[:2]

    @rule(seed=st.integers(0, 2**16), asleep=st.sets(st.sampled_from(WORKERS), max_size=4))
    @precondition(lambda self: self.recruiting())
    def dispatch(self, seed: int, asleep: set[WorkerId]) -> None:
        rng = random.Random(seed)
        awake = [self.person(worker, rng.random()) for worker in WORKERS if worker not in asleep]
        for proposal in proposals(self.recruiting(), awake, POLICY, self.now):
            self.gigs[proposal.gig] = gigs.reserve(self.gigs[proposal.gig], 1, self.now)
            made = Offer(
                id=OfferId(f"o{len(self.offers)}"),
                gig=proposal.gig,
                worker=proposal.worker,
                employer=EMPLOYER,
                station=None,
                travel_s=proposal.travel_s,
                estimated=True,
                created_at=self.now,
                expires_at=offers.expires_at(self.now, None, self.gigs[proposal.gig].draft.ends_at, POLICY),
            )
            self.offers[made.id] = made

    def person(self, worker: WorkerId, ticket: float) -> Person:
        """The worker as the dispatcher would know one."""
        said_no = (o for o in self.offers.values() if o.status is OfferStatus.DECLINED)
        return Person(
            worker,
            [(held, self.gigs[held.gig]) for held in self.working(worker)],
            frozenset(offer.gig for offer in said_no if offer.worker == worker),
            any(offer.worker == worker for offer in self.pending()),
            ticket,
        )

    @rule(data=st.data(), seed=st.integers(0, 2**16))
    @precondition(lambda self: self.recruiting())
    def last_offers(self, data: st.DataObject, seed: int) -> None:
        """Offers made half a minute before recruiting ends outlive it."""
        gig = data.draw(st.sampled_from(self.recruiting()))
        self.now = max(self.now, gig.recruit_until - seconds(30))
        self.dispatch(seed=seed, asleep=set())
        self.now += seconds(30)
        self.sweep()

    def recruiting(self) -> list[Gig]:
        return [gig for gig in self.gigs.values() if gig.free_seats() and self.now < gig.recruit_until]

    @rule(data=st.data())
    @precondition(lambda self: self.offers)
    def accept(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(self.pending() or list(self.offers.values())))
        if offer.status is not OfferStatus.PENDING or self.now >= offer.expires_at:
            with pytest.raises(OfferClosed):
                offers.accept(offer, offer.worker, self.now)
            return
        self.engage(offer)

    def engage(self, offer: Offer) -> None:
        self.offers[offer.id], _ = offers.accept(offer, offer.worker, self.now)
        self.gigs[offer.gig], _ = gigs.fill(self.gigs[offer.gig])
        name = AssignmentId(f"a{len(self.assignments)}")
        engaged, _ = assignments.from_offer(self.offers[offer.id], self.gigs[offer.gig], name, self.now)
        self.assignments[name] = engaged
        event("accepted")

    @rule(data=st.data(), answer=st.sampled_from(["decline", "extend", "withdraw"]))
    @precondition(lambda self: self.pending())
    def answer(self, data: st.DataObject, answer: str) -> None:
        offer = data.draw(st.sampled_from(self.pending()))
        with suppress(OfferClosed):
            if answer == "decline":
                closed, _ = offers.decline(offer, offer.worker, None, self.now)
            elif answer == "extend":
                closed, _ = offers.extend(
                    offer, offer.worker, self.now, self.gigs[offer.gig].draft.ends_at, POLICY
                )
            else:
                closed, _ = offers.withdraw(offer, self.now)
            self.close(closed)

    def close(self, offer: Offer) -> None:
        """Write an offer down; its seat comes back with it unless it still holds."""
        self.offers[offer.id] = offer
        if offer.status is not OfferStatus.PENDING:
            self.gigs[offer.gig] = gigs.release(self.gigs[offer.gig])

    @rule(data=st.data(), step=st.sampled_from(list(STEPS)))
    @precondition(lambda self: self.assignments)
    def work(self, data: st.DataObject, step: str) -> None:
        going_on = [held for held in self.assignments.values() if not is_closed(held)]
        before = data.draw(st.sampled_from(going_on or list(self.assignments.values())))
        with suppress(WrongState, TooEarly):
            after, _ = STEPS[step](before, self.gigs[before.gig], self.now)
            self.write(before, after)
            event(step)

    def write(self, before: Assignment, after: Assignment) -> None:
        """Write an assignment down with what it does to its gig."""
        self.assignments[after.id] = after
        gig = self.gigs[after.gig]
        if before.status in VACANT and after.status not in VACANT:
            gig = self.gigs[gig.id] = gigs.retake(gig)[0]
            self.ended.pop(gig.id, None)
        if after.status is AssignmentStatus.CHECKED_IN and before.status is not after.status:
            self.gigs[gig.id], _ = gigs.first_check_in(gig)
        if after.status in VACANT and before.status not in VACANT:
            self.gigs[gig.id], _ = gigs.reopen(gig, self.now, POLICY)
            self.check_seat_is_offered_again(gig)

    def check_seat_is_offered_again(self, before: Gig) -> None:
        after = self.gigs[before.id]
        useful_until = before.draft.ends_at - seconds(POLICY.least_useful_s)
        if before.status not in ENDED and self.now < useful_until:
            assert after.status is GigStatus.OPEN
            assert after.recruit_until > self.now
            assert after.free_seats() >= 1
            event("reopened")

    @rule(data=st.data())
    @precondition(lambda self: self.gigs)
    def call_off(self, data: st.DataObject) -> None:
        gig = data.draw(st.sampled_from(list(self.gigs.values())))
        with suppress(GigClosed):
            self.gigs[gig.id], _ = gigs.cancel(gig, EMPLOYER)
            for offer in self.pending():
                if offer.gig == gig.id:
                    self.close(offers.withdraw(offer, self.now)[0])
            for held in list(self.assignments.values()):
                if held.gig == gig.id and held.status is AssignmentStatus.CONFIRMED:
                    self.write(held, assignments.cancel_by_employer(held, EMPLOYER, "取消")[0])

    @rule()
    def sweep(self) -> None:
        """What the clock alone does, in the order in which a sweeper would."""
        for offer in self.pending():
            self.close(offers.expire(offer, self.now)[0])
        for held in list(self.assignments.values()):
            self.write(held, assignments.pass_time(held, self.now, POLICY)[0])
        for gig in list(self.gigs.values()):
            working = sum(a.gig == gig.id and a.status in WORKING for a in self.assignments.values())
            self.gigs[gig.id], _ = gigs.pass_time(gig, working, self.now)

    @invariant()
    def seats_are_counted(self) -> None:
        for gig in self.gigs.values():
            held = [a for a in self.assignments.values() if a.gig == gig.id and a.status not in VACANT]
            assert gig.reserved == sum(offer.gig == gig.id for offer in self.pending())
            assert gig.filled == len(held)
            assert gig.reserved + gig.filled <= gig.draft.headcount
            assert gig.recruit_until <= gig.draft.ends_at

    @invariant()
    def one_pending_offer_each(self) -> None:
        asked = [offer.worker for offer in self.pending()]
        assert len(asked) == len(set(asked))

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        for worker in WORKERS:
            mine = self.working(worker)
            for first, second in pairwise(mine):
                here, there = self.gigs[first.gig].draft, self.gigs[second.gig].draft
                arrives = max(there.starts_at, second.busy_from + seconds(second.travel_s))
                assert here.ends_at <= arrives
                # Who was asked after his hours were over may come late, as anybody may.
                if self.offers[second.offer].created_at < here.ends_at <= there.starts_at:
                    way = way_s(here.site.position, there.site.position)
                    assert here.ends_at + seconds(way) <= there.starts_at

    @invariant()
    def a_reserved_seat_is_honoured(self) -> None:
        for offer in self.pending():
            assert self.gigs[offer.gig].status is GigStatus.OPEN
            if self.now < offer.expires_at:
                accepted, _ = offers.accept(offer, offer.worker, self.now)
                filled, _ = gigs.fill(self.gigs[offer.gig])
                assert accepted.status is OfferStatus.ACCEPTED
                assert filled.filled == self.gigs[offer.gig].filled + 1

    @invariant()
    def what_has_ended_never_moves(self) -> None:
        now_ended: dict[str, object] = {g.id: g.status for g in self.gigs.values() if g.status in ENDED}
        now_ended |= {o.id: o for o in self.offers.values() if o.status is not OfferStatus.PENDING}
        now_ended |= {a.id: a for a in self.assignments.values() if is_closed(a)}
        assert {name: now_ended.get(name) for name in self.ended} == self.ended
        self.ended = now_ended

    def teardown(self) -> None:
        """Left to the clock, everything comes to an end."""
        self.now += timedelta(days=2)
        self.sweep()
        assert not self.pending()
        assert all(gig.status in ENDED for gig in self.gigs.values())
        assert not any(self.working(worker) for worker in WORKERS)
        self.seats_are_counted()
        self.what_has_ended_never_moves()


TestMarket = Market.TestCase
TestMarket.settings = settings(max_examples=400, stateful_step_count=60, derandomize=False)
