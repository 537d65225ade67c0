"""Every kind of change there is, each as a short story in a small world, with what it tells whom."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.appeal import Appeal, AppealId
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, Role, new_id
from gigmarket.services import (
    accounts,
    appeals,
    assignments,
    crews,
    fairness,
    gigs,
    names,
    offers,
    placing,
    presence,
    stations,
    suspensions,
)
from gigmarket.services.accepts import Accept, accept_many
from gigmarket.services.claims import claim
from gigmarket.services.commands import perform
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode
from gigmarket.wire.desk import PlaceIn, SuspensionIn
from gigmarket.wire.fairness import GroupsIn
from gigmarket.wire.ops import OPS
from gigmarket.wire.people import ProfileIn, RegisterIn
from gigmarket.wire.why import AnswerIn
from gigmarket.wire.work import OfferArgs
from tests.law.followers import Law
from tests.services.town import CENTRE, Town, at_kiosk, proposal

HALL, OTHER_HALL = "zs-city", "zs-dianxia"
NEARBY = Position(28.061, 115.551)
WORKER, EMPLOYER, STATION = "worker", "employer", "station"
SEATS = {WORKER, EMPLOYER, STATION}
Told = dict[str, set[str]]


@dataclass
class World:
    """A phone's worker, one who waits in a hall, an employer, both halls' desks, staff; all of them follow."""

    law: Law
    worker: Actor
    waiting: Actor
    employer: Actor
    clerk: Actor
    kiosk: Actor
    elsewhere: Actor
    staff: Actor

    @property
    def town(self) -> Town:
        return self.law.town

    def op(self, actor: Actor, op: str, key: str | None = None, **args: Any) -> Any:
        """An operation by its name, as both transports perform it; its answer."""
        made = OPS[op].args(**args)
        return decode(self.law.do(perform, self.town.rules, actor, op, made, key).body)

    def posts(self, headcount: int = 1, starts_in_h: float = 1, hours: float = 4) -> GigId:
        """A gig of the employer's at the centre."""
        before = len(self.town.events)
        gig = self.town.gig(self.employer, headcount, starts_in_h, hours)
        self.law.deliver(self.town.events[before:])
        return gig

    def offered(self, gig: GigId, worker: Actor) -> OfferId:
        """What a round would do: this seat to this worker."""
        assert self.law.do(claim, self.town.rules, self.town.token, [proposal(gig, worker)]) == 1
        return self.town.pending(worker)

    def joined(self) -> None:
        """The phone's worker leads a crew, and the one in the hall comes into it."""
        opened = self.law.do(crews.open_crew, self.town.rules, self.worker).crew
        assert opened is not None
        assert opened.code is not None
        self.law.do(crews.join, self.town.rules, self.waiting, opened.code)

    def offered_together(self, gig: GigId) -> None:
        """What a round would do for the crew of the two."""
        crew = self.town.see(lambda tx: tx.workers.get(self.worker.worker()).crew)
        plan = [replace(proposal(gig, worker), crew=crew) for worker in (self.worker, self.waiting)]
        assert self.law.do(claim, self.town.rules, self.town.token, plan) == 2

    def hired_together(self) -> tuple[GigId, AssignmentId]:
        """A gig with both of them, and the leader's seat."""
        self.joined()
        gig = self.posts(headcount=2)
        self.offered_together(gig)
        answer = self.op(self.worker, "offer.accept", offer_id=self.town.pending(self.worker))
        return gig, AssignmentId(answer["assignment"]["id"])

    def hired(self, worker: Actor, **gig: Any) -> tuple[GigId, AssignmentId]:
        """A gig and this worker's seat on it."""
        posted = self.posts(**gig)
        return posted, self.accepts(worker, posted)

    def accepts(self, worker: Actor, gig: GigId) -> AssignmentId:
        """An offer made and accepted."""
        answer = self.op(worker, "offer.accept", offer_id=self.offered(gig, worker))
        return AssignmentId(answer["assignment"]["id"])

    def arrives(self, worker: Actor, gig: GigId, assignment: AssignmentId) -> None:
        """Check in with the site's code."""
        code = self.town.get_gig(gig).site_code
        self.op(worker, "assignment.check_in", assignment_id=assignment, code=code)

    def worked(self, worker: Actor) -> AssignmentId:
        """A seat whose work is done."""
        gig, assignment = self.hired(worker)
        self.arrives(worker, gig, assignment)
        self.town.wait(hours=2)
        self.op(worker, "assignment.check_out", assignment_id=assignment)
        return assignment

    def profile(self, worker: Actor, **changes: Any) -> None:
        """PUT /workers/me, as everybody begins with some changes."""
        asked = ProfileIn(**{"trades": ["porter", "packer"], "mode": Mode.EBIKE, **changes})
        self.law.do(presence.set_profile, worker.worker(), asked, self.town.rules.policy)


def world(law: Law) -> World:
    """The small world, everybody connected."""
    town = law.town
    kiosk = town.person(Role.KIOSK, "一体机", HALL)
    waiting = at_kiosk(town.worker(available=False, name="吴大勇"), HALL, kiosk.account)
    town.do(presence.go_available, waiting, None, None, True)
    made = World(
        law,
        town.worker(name="周福生"),
        waiting,
        town.employer(),
        town.person(Role.CLERK, "李协管", HALL),
        kiosk,
        town.person(Role.CLERK, "王协管", OTHER_HALL),
        town.person(Role.STAFF, "主任"),
    )
    for actor in (made.worker, made.waiting, made.employer, made.clerk, kiosk, made.elsewhere, made.staff):
        law.follow(actor)
    return made


@dataclass(frozen=True)
class Case:
    """A change: `prepare` comes before it, and `tells` is exactly what it puts on streams, and on whose."""

    name: str
    act: Callable[[World], Callable[[], Any]]
    tells: Told


CASES: dict[str, Case] = {}


def case(name: str, **tells: set[str]) -> Callable[[Callable[[World], Callable[[], Any]]], None]:
    """Enter a story: what it returns is the change itself. `offer_created={…}` stands for `offer.created`."""

    def enter(act: Callable[[World], Callable[[], Any]]) -> None:
        assert name not in CASES
        CASES[name] = Case(name, act, {kind.replace("_", ".", 1): told for kind, told in tells.items()})

    return enter


@case("gig.post", gig_created={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    return w.posts


@case("claim", offer_created={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    gig = w.posts()
    return lambda: w.offered(gig, w.worker)


@case("claim in a hall", offer_created=SEATS)
def _(w: World) -> Callable[[], Any]:
    gig = w.posts()
    return lambda: w.offered(gig, w.waiting)


@case("offer.accept", assignment_created={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    offer = w.offered(w.posts(headcount=2), w.worker)
    return lambda: w.op(w.worker, "offer.accept", offer_id=offer)


@case("offer.accept of the last seat, in a hall", assignment_created=SEATS, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    offer = w.offered(w.posts(), w.waiting)
    return lambda: w.op(w.waiting, "offer.accept", offer_id=offer)


@case("offer.accept of two at once, in a hall too", assignment_created=SEATS, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    gig, both = w.posts(headcount=2), (w.worker, w.waiting)
    asked = [Accept(who, OfferArgs(offer_id=w.offered(gig, who)), "k") for who in both]
    return lambda: w.law.do(accept_many, w.town.rules, asked)


@case("offer.accept again")
def _(w: World) -> Callable[[], Any]:
    offer = w.offered(w.posts(), w.worker)
    w.op(w.worker, "offer.accept", offer_id=offer)
    return lambda: w.op(w.worker, "offer.accept", offer_id=offer)


@case("claim for a crew", offer_created=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.joined()
    gig = w.posts(headcount=3)
    return lambda: w.offered_together(gig)


@case("offer.accept by a crew's leader", assignment_created=SEATS, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    w.joined()
    w.offered_together(w.posts(headcount=2))
    return lambda: w.op(w.worker, "offer.accept", offer_id=w.town.pending(w.worker))


@case("offer.decline by a crew's member", offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.joined()
    w.offered_together(w.posts(headcount=2))
    return lambda: w.op(w.waiting, "offer.decline", offer_id=w.town.pending(w.waiting))


@case("offer.extend for a crew", offer_extended=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.joined()
    w.offered_together(w.posts(headcount=2))
    return lambda: w.op(w.waiting, "offer.extend", offer_id=w.town.pending(w.waiting))


@case("assignment.check_in of a crew", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired_together()
    code = w.town.get_gig(gig).site_code
    return lambda: w.op(w.worker, "assignment.check_in", assignment_id=assignment, code=code, crew=True)


@case(
    "assignment.check_out of a crew",
    assignment_updated={WORKER, EMPLOYER},
    gig_updated={EMPLOYER},
    presence_updated={WORKER},
    hall_updated={STATION},
)
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired_together()
    code = w.town.get_gig(gig).site_code
    w.op(w.worker, "assignment.check_in", assignment_id=assignment, code=code, crew=True)
    w.town.wait(hours=2)
    return lambda: w.op(w.worker, "assignment.check_out", assignment_id=assignment, crew=True)


@case("a crew is opened", crew_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    return lambda: w.law.do(crews.open_crew, w.town.rules, w.worker)


@case("a crew's code is renewed", crew_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    w.joined()
    return lambda: w.law.do(crews.open_crew, w.town.rules, w.worker)


@case("a crew is joined while both are asked", crew_updated={WORKER}, offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    gig = w.posts(headcount=2)
    w.offered(gig, w.worker)
    w.offered(gig, w.waiting)
    return w.joined


@case("a crew is left while it is asked", crew_updated={WORKER}, offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.joined()
    w.offered_together(w.posts(headcount=2))
    return lambda: w.law.do(crews.leave, w.town.rules, w.worker)


@case("a crew's leader goes on without somebody", crew_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    w.joined()
    return lambda: w.law.do(crews.remove, w.town.rules, w.worker, w.waiting.worker())


@case("one of a crew goes offline", crew_updated={WORKER}, presence_updated={WORKER}, hall_left={STATION})
def _(w: World) -> Callable[[], Any]:
    w.joined()
    return lambda: w.op(w.waiting, "presence.set", status="offline")


@case("one of a crew is renamed", me_updated={WORKER}, hall_updated={STATION}, crew_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    w.joined()
    return lambda: w.profile(w.waiting, name="郑小红")


@case("offer.decline", offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    offer = w.offered(w.posts(), w.waiting)
    return lambda: w.op(w.waiting, "offer.decline", offer_id=offer, reason="pay")


@case("offer.extend", offer_extended=SEATS)
def _(w: World) -> Callable[[], Any]:
    offer = w.offered(w.posts(), w.waiting)
    return lambda: w.op(w.waiting, "offer.extend", offer_id=offer)


@case("offer runs out", offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.offered(w.posts(), w.waiting)
    w.offered(w.posts(), w.worker)
    w.town.wait(minutes=3)
    return lambda: w.law.do(offers.expire_due, w.town.rules)


@case("assignment.check_in", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired(w.worker)
    return lambda: w.arrives(w.worker, gig, assignment)


@case(
    "assignment.check_in handed in after the end", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER}
)
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired(w.worker)
    came = w.town.now + timedelta(hours=1)
    w.town.wait(hours=6)
    w.law.do(assignments.pass_time_due, w.town.rules)
    code = w.town.get_gig(gig).site_code
    return lambda: w.op(w.worker, "assignment.check_in", assignment_id=assignment, code=code, at=came)


@case(
    "assignment.check_out",
    assignment_updated={WORKER, EMPLOYER},
    gig_updated={EMPLOYER},
    presence_updated={WORKER},
    hall_updated={STATION},
)
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired(w.waiting)
    w.arrives(w.waiting, gig, assignment)
    w.town.wait(hours=2)
    return lambda: w.op(w.waiting, "assignment.check_out", assignment_id=assignment)


@case("assignment.settle", assignment_updated={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    assignment = w.worked(w.worker)
    return lambda: w.op(
        w.employer, "assignment.settle", assignment_id=assignment, amount_fen=9000, reason="早退"
    )


@case("assignment.dispute", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    assignment = w.worked(w.worker)
    return lambda: w.op(w.worker, "assignment.dispute", assignment_id=assignment, reason="说好 180")


@case("assignment.confirm", assignment_updated={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    assignment = w.worked(w.worker)
    w.op(w.employer, "assignment.settle", assignment_id=assignment, amount_fen=18000)
    return lambda: w.op(w.worker, "assignment.confirm", assignment_id=assignment)


@case("assignment.late", assignment_updated={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    _, assignment = w.hired(w.worker)
    return lambda: w.op(w.worker, "assignment.late", assignment_id=assignment, minutes=20)


@case("assignment.vouch", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    _, assignment = w.hired(w.worker)
    return lambda: w.op(w.employer, "assignment.vouch", assignment_id=assignment, here=True)


@case(
    "assignment.vouch of leaving",
    assignment_updated={WORKER, EMPLOYER},
    gig_updated={EMPLOYER},
    presence_updated={WORKER},
)
def _(w: World) -> Callable[[], Any]:
    gig, assignment = w.hired(w.worker)
    w.arrives(w.worker, gig, assignment)
    w.town.wait(hours=2)
    return lambda: w.op(w.employer, "assignment.vouch", assignment_id=assignment, here=False)


@case("gig.settle", assignment_updated={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    assignment = w.worked(w.worker)
    gig = w.town.see(lambda tx: tx.assignments.get(assignment)).gig
    payments = [{"assignment_id": assignment, "amount_fen": 18000}]
    return lambda: w.op(w.employer, "gig.settle", gig_id=gig, payments=payments)


@case("assignment.cancel by the worker", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    _, assignment = w.hired(w.worker)
    return lambda: w.op(w.worker, "assignment.cancel", assignment_id=assignment, reason="家里有事")


@case("assignment.cancel by the employer", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    _, assignment = w.hired(w.worker)
    return lambda: w.op(w.employer, "assignment.cancel", assignment_id=assignment, reason="人够了")


@case("assignment.no_show", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    _, assignment = w.hired(w.worker)
    w.town.wait(hours=1, minutes=11)
    return lambda: w.op(w.employer, "assignment.no_show", assignment_id=assignment)


@case("hours pass without anybody", assignment_updated={WORKER, EMPLOYER}, gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    w.hired(w.worker)
    w.town.wait(hours=6)
    return lambda: w.law.do(assignments.pass_time_due, w.town.rules)


@case(
    "checking out is forgotten",
    assignment_updated={WORKER, EMPLOYER},
    gig_updated={EMPLOYER},
    presence_updated={WORKER},
)
def _(w: World) -> Callable[[], Any]:
    w.arrives(w.worker, *w.hired(w.worker))
    w.town.wait(hours=8)
    return lambda: w.law.do(assignments.pass_time_due, w.town.rules)


@case("recruiting ends without anybody", gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    w.posts()
    w.town.wait(hours=2)
    return lambda: w.law.do(gigs.pass_time_due, w.town.rules)


@case("work begins with some seats free", gig_updated={EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    w.accepts(w.worker, w.posts(headcount=2))
    w.town.wait(hours=2)
    return lambda: w.law.do(gigs.pass_time_due, w.town.rules)


@case("gig.cancel", gig_updated={EMPLOYER}, offer_closed=SEATS, assignment_updated={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    """With one on site, one on the way and one being asked."""
    gig = w.posts(headcount=4)
    w.arrives(w.worker, gig, w.accepts(w.worker, gig))
    w.accepts(w.town.worker(name="郑小红"), gig)
    w.offered(gig, w.waiting)
    return lambda: w.op(w.employer, "gig.cancel", gig_id=gig)


@case("presence.set to available", presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    w.op(w.worker, "presence.set", status="offline")
    w.town.wait(minutes=5)
    until = w.town.now + timedelta(hours=9)
    place = {"lat": CENTRE.lat, "lng": CENTRE.lng, "datum": "wgs84"}
    return lambda: w.op(w.worker, "presence.set", status="available", position=place, until=until.isoformat())


@case("presence.set to available, again")
def _(w: World) -> Callable[[], Any]:
    w.town.wait(minutes=5)
    place = {"lat": CENTRE.lat, "lng": CENTRE.lng, "datum": "wgs84"}
    return lambda: w.op(w.worker, "presence.set", status="available", position=place)


@case("presence.set from somewhere else", presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    place = {"lat": NEARBY.lat, "lng": NEARBY.lng, "datum": "wgs84"}
    return lambda: w.op(w.worker, "presence.set", status="available", position=place)


@case("presence.set to offline while asked", offer_closed={WORKER, EMPLOYER}, presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    w.offered(w.posts(), w.worker)
    return lambda: w.op(w.worker, "presence.set", status="offline")


@case("presence.set in a hall", hall_joined={STATION}, presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    there = at_kiosk(w.worker, HALL, w.kiosk.account)
    return lambda: w.op(there, "presence.set", status="available", in_hall=True)


@case("presence.set in another hall", hall_left={STATION}, hall_joined={STATION}, presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    there = at_kiosk(w.waiting, OTHER_HALL, w.kiosk.account)
    return lambda: w.op(there, "presence.set", status="available", in_hall=True)


@case("presence.set away from the hall", hall_left={STATION}, presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    return lambda: w.op(w.waiting, "presence.set", status="offline")


@case("forgotten after silence", presence_updated={WORKER}, hall_left={STATION}, offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.town.wait(hours=2, minutes=1)
    w.offered(w.posts(), w.waiting)
    return lambda: w.law.do(presence.forget_due, w.town.rules)


@case("the named hours are over", presence_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    place = {"lat": CENTRE.lat, "lng": CENTRE.lng, "datum": "wgs84"}
    until = w.town.now + timedelta(minutes=10)
    w.op(w.worker, "presence.set", status="available", position=place, until=until.isoformat())
    w.town.wait(minutes=11)
    return lambda: w.law.do(presence.forget_due, w.town.rules)


@case("a sign of life from somewhere else")
def _(w: World) -> Callable[[], Any]:
    w.town.wait(minutes=1)
    seen = [(w.worker.worker(), NEARBY), (w.waiting.worker(), None)]
    return lambda: w.law.do(lambda tx: tx.workers.seen_many(seen, w.town.now))


@case("another profile", me_updated={WORKER}, hall_updated={STATION})
def _(w: World) -> Callable[[], Any]:
    return lambda: w.profile(w.waiting, trades=["builder"], mode=Mode.WALK, floor_wage_fen=9000, reach_s=1200)


@case("the same profile")
def _(w: World) -> Callable[[], Any]:
    return lambda: w.profile(w.waiting)


@case(
    "a worker is renamed",
    me_updated={WORKER},
    hall_updated={STATION},
    person_renamed={EMPLOYER, STATION},
)
def _(w: World) -> Callable[[], Any]:
    """With a seat, a settled one, and an offer."""
    w.worked(w.waiting)
    w.hired(w.waiting, starts_in_h=12)
    w.offered(w.posts(starts_in_h=20), w.waiting)
    return lambda: w.profile(w.waiting, name="郑小红")


@case("an employer is renamed", me_updated={EMPLOYER}, person_renamed={WORKER})
def _(w: World) -> Callable[[], Any]:
    """With a card in a seat and one in an offer."""
    w.hired(w.worker)
    w.offered(w.posts(starts_in_h=9), w.worker)
    return lambda: w.law.do(names.rename_employer, w.employer, "药都集团")


@case("the first PIN", me_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    return lambda: w.law.do(accounts.set_pin, w.worker.worker(), "a hash")


@case("another PIN")
def _(w: World) -> Callable[[], Any]:
    w.law.do(accounts.set_pin, w.worker.worker(), "a hash")
    return lambda: w.law.do(accounts.set_pin, w.worker.worker(), "another")


@case("a clerk enters a known number", me_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    phone = w.town.see(lambda tx: tx.accounts.get(w.worker.account).phone)
    asked = RegisterIn(name="周福生", phone=phone, pin="2580", trades=["builder"])
    return lambda: w.law.do(accounts.register, w.town.rules, w.clerk, asked, "a hash")


@case("priority groups", me_updated={WORKER})
def _(w: World) -> Callable[[], Any]:
    asked = GroupsIn(groups=["veteran"], document="discharge")
    return lambda: w.law.do(fairness.set_groups, w.staff, w.worker.worker(), asked)


@case("a station moves", station_updated={STATION})
def _(w: World) -> Callable[[], Any]:
    there = w.town.see(lambda tx: tx.stations.all())
    moved = [replace(each, address="新址") if each.id == HALL else each for each in there]
    return lambda: w.law.do(stations.enter, moved)


@case("an appeal is answered", appeal_answered={WORKER})
def _(w: World) -> Callable[[], Any]:
    filed = AppealId(new_id(w.town.now, w.town.rules.rng))
    reason = '{"reason":"far","zh":"太远","en":"too far","basis":"now","at":"2026-07-31T00:00:00Z"}'

    def file(tx: Transaction) -> None:
        tx.appeals.add(Appeal(filed, w.worker.worker(), gig, None, "不远", reason, tx.now()))

    gig = w.posts()
    w.law.do(file)
    return lambda: w.law.do(appeals.answer, w.town.rules, w.staff, filed, AnswerIn(words="已改"), None)


@case("somebody logs in, at a kiosk too, and out again")
def _(w: World) -> Callable[[], Any]:
    def act() -> None:
        phone = w.town.see(lambda tx: tx.accounts.get(w.worker.account).phone)
        session = w.law.do(accounts.log_in, w.town.rules, Role.WORKER, phone, None)
        w.law.do(accounts.open_kiosk, w.town.rules, w.clerk, None)
        account = w.town.see(lambda tx: tx.accounts.get(w.worker.account))
        w.law.do(accounts.identify, w.town.rules, w.kiosk, account)
        actor = w.town.see(accounts.authenticate, session.token, w.town.now)
        w.law.do(accounts.renew, w.town.rules, actor)
        w.law.do(accounts.log_out, actor)

    return act


def suspended_and_restored(w: World, whom: Actor) -> None:
    asked = SuspensionIn(reason="有人举报")
    w.law.do(suspensions.suspend, w.town.rules, w.staff, whom.account, asked)
    w.law.check("suspended")
    w.law.do(suspensions.restore, w.staff, whom.account, asked)


@case("a worker is suspended and restored", presence_updated={WORKER}, hall_left={STATION}, offer_closed=SEATS)
def _(w: World) -> Callable[[], Any]:
    w.offered(w.posts(), w.waiting)
    return lambda: suspended_and_restored(w, w.waiting)


@case(
    "an employer is suspended and restored",
    gig_updated={EMPLOYER},
    offer_closed={WORKER, EMPLOYER},
    assignment_updated={WORKER, EMPLOYER},
)
def _(w: World) -> Callable[[], Any]:
    """What has begun goes on; what has not is called off."""
    w.arrives(w.waiting, *w.hired(w.waiting))
    w.accepts(w.town.worker(name="郑小红"), w.posts(starts_in_h=9))
    w.hired(w.worker, starts_in_h=20)
    w.offered(w.posts(), w.worker)
    return lambda: suspended_and_restored(w, w.employer)


def placed(w: World, gig: GigId, worker: Actor, agreed: bool) -> Callable[[], Any]:
    asked = PlaceIn(worker_id=worker.account, reason="等得最久", agreed=agreed)
    return lambda: w.law.do(placing.by_hand, w.town.rules, w.clerk, gig, asked, placing.Way(300, True))


@case("a desk places by hand", offer_created={WORKER, EMPLOYER})
def _(w: World) -> Callable[[], Any]:
    return placed(w, w.posts(), w.worker, agreed=False)


@case(
    "a desk places somebody of the hall who agrees",
    offer_created=SEATS,
    assignment_created=SEATS,
    gig_updated={EMPLOYER},
)
def _(w: World) -> Callable[[], Any]:
    return placed(w, w.posts(), w.waiting, agreed=True)


@case("a refused command under a key, and the same again")
def _(w: World) -> Callable[[], Any]:
    gig, _ = w.hired(w.worker)
    w.op(w.employer, "gig.cancel", gig_id=gig)

    def act() -> None:
        for _ in range(2):
            answer = w.op(w.employer, "gig.cancel", key="k1", gig_id=gig)
            assert answer["type"] == "/problems/gig-closed"

    return act
