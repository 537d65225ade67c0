"""Who looks for work together gets the same gig or none, answered, begun and ended by the leader."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.errors import Forbidden, Invalid, NotFound, OfferClosed, Overlap, WrongCode, WrongState
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import AssignmentId, CrewId, GigId, OfferId, Role, StationId, WorkerId
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import OfferStatus
from gigmarket.domain.verdict import Verdict
from gigmarket.services import assignments, attendance, crews, offers, passes, presence, snapshots
from gigmarket.services.boards import judge_now
from gigmarket.services.claims import claim
from gigmarket.services.commands import perform
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode, encode
from gigmarket.wire.kiosks import AttendanceIn
from gigmarket.wire.ops import OPS
from gigmarket.wire.people import ProfileIn
from tests.domain.samples import assignment, offer
from tests.services.test_rounds import NORTH, offered, present, round_of
from tests.services.town import CENTRE, Town, at_kiosk, proposal


def crew_of(town: Town, leader: Actor, *others: Actor) -> str:
    """A crew by its leader's code; its id."""
    opened = town.do(crews.open_crew, town.rules, leader).crew
    assert opened is not None
    assert opened.code is not None
    for other in others:
        town.do(crews.join, town.rules, other, opened.code)
    return opened.id


def plan_of(town: Town, gig: GigId, *workers: Actor) -> list[Proposal]:
    """What a round would propose for a crew of these."""
    crew = town.see(lambda tx: tx.workers.get(workers[0].worker()).crew)
    return [replace(proposal(gig, worker), crew=crew) for worker in workers]


def offered_together(town: Town, gig: GigId, *workers: Actor) -> list[OfferId]:
    """Their offers, made by a claim."""
    assert town.do(claim, town.rules, town.token, plan_of(town, gig, *workers)) == len(workers)
    return [town.pending(worker) for worker in workers]


def statuses(town: Town, *ids: OfferId) -> list[OfferStatus]:
    return [town.get_offer(each).status for each in ids]


def seats(town: Town, gig: GigId) -> tuple[int, int]:
    """Reserved and filled."""
    found = town.get_gig(gig)
    return found.reserved, found.filled


def work(town: Town, gig: GigId) -> dict[str, AssignmentStatus]:
    return {held.worker: held.status for held in town.see(lambda tx: tx.assignments.of_gig(gig))}


# In rounds.


async def test_a_round_asks_all_of_a_crew(town: Town, market: Market) -> None:
    leader, mate, alone = town.worker(), town.worker(), town.worker()
    crew_of(town, leader, mate)
    await present(market, town, leader, mate, alone)
    gig = town.gig(town.employer(), headcount=3)
    assert (await round_of(market, town, gig)).offered == 3
    assert offered(town, leader, mate, alone) == dict.fromkeys(
        (leader.account, mate.account, alone.account), gig
    )
    assert [town.get_offer(town.pending(one)).together is None for one in (leader, mate, alone)] == [
        False,
        False,
        True,
    ]


async def test_a_single_seat_goes_to_who_is_alone_however_near_the_crew(town: Town, market: Market) -> None:
    leader, mate = town.worker(), town.worker()
    alone = town.worker(where=Position(CENTRE.lat + NORTH, CENTRE.lng))
    crew_of(town, leader, mate)
    await present(market, town, leader, mate, alone)
    gig = town.gig(town.employer())
    await round_of(market, town, gig)
    assert offered(town, leader, mate, alone) == {alone.account: gig}
    told = town.see(lambda tx: tx.explanations.latest(gig))
    assert told is not None
    assert {one.worker: one.verdict for one in told.considered} == {
        leader.worker(): Verdict.TOGETHER,
        mate.worker(): Verdict.TOGETHER,
        alone.worker(): Verdict.OFFERED,
    }


async def test_a_crew_waits_until_all_are_there(town: Town, market: Market) -> None:
    leader, mate = town.worker(), town.worker(available=False)
    crew_of(town, leader, mate)
    await present(market, town, leader, mate)
    gig = town.gig(town.employer(), headcount=2)
    assert (await round_of(market, town, gig)).offered == 0
    verdict, _ = await judge_now(market, leader.worker(), gig)
    assert verdict is Verdict.TOGETHER
    town.do(presence.go_available, mate, CENTRE, None, False)
    await present(market, town, mate)
    assert await judge_now(market, leader.worker(), gig) == await judge_now(market, mate.worker(), gig)
    assert (await round_of(market, town, gig)).offered == 2


async def test_a_mate_far_from_the_nearest_is_not_overlooked(town: Town, market: Market) -> None:
    """Lists of the nearest would end before him."""
    leader, mate = town.worker(), town.worker(where=Position(CENTRE.lat + 3 * NORTH, CENTRE.lng))
    crew_of(town, leader, mate)
    crowd = [town.worker(where=Position(CENTRE.lat + i * 1e-5, CENTRE.lng)) for i in range(1, 40)]
    for one in crowd:
        town.do(
            presence.set_profile, one.worker(), ProfileIn(trades=["porter"], mode="ebike", floor_wage_fen=10**6)
        )
    await present(market, town, leader, mate, *crowd)
    gig = town.gig(town.employer(), headcount=2)
    assert (await round_of(market, town, gig)).offered == 2
    assert offered(town, leader, mate) == dict.fromkeys((leader.account, mate.account), gig)


async def test_a_gig_for_a_crew_asks_nobody_who_is_alone(town: Town, market: Market) -> None:
    alone, leader, mate = town.worker(), town.worker(), town.worker()
    await present(market, town, alone, leader, mate)
    gig = town.gig(town.employer(), headcount=3, min_crew=2)
    assert (await round_of(market, town, gig)).offered == 0
    assert (await judge_now(market, alone.worker(), gig))[0] is Verdict.CREW_WANTED
    crew_of(town, leader, mate)
    await present(market, town, leader, mate)
    assert (await round_of(market, town, gig)).offered == 2
    assert offered(town, alone, leader, mate) == dict.fromkeys((leader.account, mate.account), gig)
    # One seat is left, and no crew is as small as that.
    assert (await round_of(market, town, gig)).offered == 1
    assert alone.account in offered(town, alone)


async def test_who_left_the_crew_is_asked_alone(town: Town, market: Market) -> None:
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    await present(market, town, leader, mate)
    gig = town.gig(town.employer())
    assert (await round_of(market, town, gig)).offered == 0
    town.do(crews.leave, town.rules, leader)
    await present(market, town, *(leader, mate))
    assert (await round_of(market, town, gig)).offered == 1
    assert town.get_offer(next(iter(town.see(lambda tx: tx.offers.pending_on(gig)))).id).together is None


def test_leaving_wakes_the_dispatcher_for_everybody(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    town.woken.clear()
    town.do(crews.leave, town.rules, mate)
    assert town.woken[-1].aftermath.workers == {leader.worker(), mate.worker()}


# In the claim.


def test_of_a_crew_all_get_their_offer_or_nobody(town: Town) -> None:
    leader, mate, alone = (town.worker() for _ in range(3))
    crew_of(town, leader, mate)
    gig = town.gig(town.employer(), headcount=3)
    plan = [*plan_of(town, gig, leader, mate), proposal(gig, alone)]
    town.do(presence.go_offline, mate.worker())
    assert town.do(claim, town.rules, town.token, plan) == 1
    assert offered(town, leader, mate, alone) == {alone.account: gig}
    assert seats(town, gig) == (1, 0)


def test_a_crew_that_changed_since_the_plan_is_not_asked(town: Town) -> None:
    leader, mate, third = (town.worker() for _ in range(3))
    crew_of(town, leader, mate)
    gig = town.gig(town.employer(), headcount=3)
    as_two = plan_of(town, gig, leader, mate)
    alone = [proposal(gig, third)]
    shown = town.see(crews.of_worker, leader.worker()).crew
    assert shown is not None
    assert shown.code is not None
    town.do(crews.join, town.rules, third, shown.code)
    assert town.do(claim, town.rules, town.token, [*as_two, *alone]) == 0
    as_three = plan_of(town, gig, leader, mate, third)
    town.do(crews.leave, town.rules, leader)
    assert town.do(claim, town.rules, town.token, as_three) == 0
    as_two = plan_of(town, gig, mate, third)
    town.do(crews.leave, town.rules, third)
    assert town.do(claim, town.rules, town.token, as_two) == 0, "they are no crew any more"
    assert seats(town, gig) == (0, 0)


def test_a_crew_gets_no_part_of_the_seats(town: Town) -> None:
    leader, mate, alone = (town.worker() for _ in range(3))
    crew_of(town, leader, mate)
    gig = town.gig(town.employer(), headcount=2)
    town.offer(gig, alone)
    assert town.do(claim, town.rules, town.token, plan_of(town, gig, leader, mate)) == 0
    assert seats(town, gig) == (1, 0)


def test_a_crew_with_somebody_in_a_hall_has_the_halls_time(town: Town) -> None:
    leader, mate = town.worker(), town.worker(available=False)
    town.do(presence.go_available, at_kiosk(mate, "zs-city", "a kiosk"), None, None, True)
    crew_of(town, leader, mate)
    made = offered_together(town, town.gig(town.employer(), headcount=2), leader, mate)
    policy = town.rules.policy
    assert {(town.get_offer(each).expires_at - town.now).total_seconds() for each in made} == {
        policy.kiosk_offer_s
    }
    assert [town.get_offer(each).station for each in made] == [None, StationId("zs-city")]


# Answering.


def test_the_leader_accepts_for_all_and_again_it_is_the_same(town: Town) -> None:
    leader, mate = town.worker(name="周福生"), town.worker(name="吴大勇")
    crew_of(town, leader, mate)
    employer = town.employer()
    gig = town.gig(employer, headcount=2)
    mine, theirs = offered_together(town, gig, leader, mate)
    before = len(town.events)
    answer = town.do(offers.accept, town.rules, leader.worker(), mine)
    assert (answer.assignment.worker.name, answer.assignment.together and answer.assignment.together.leads) == (
        "周福生",
        True,
    )
    assert statuses(town, mine, theirs) == [OfferStatus.ACCEPTED] * 2
    assert seats(town, gig) == (0, 2)
    assert town.kinds(mate, before) == ["assignment.created"]
    assert town.kinds(employer, before) == ["assignment.created"] * 2 + ["gig.updated"]
    assert town.do(offers.accept, town.rules, leader.worker(), mine).assignment.id == answer.assignment.id
    # The mate's own page asks again with what it had: it has the seat.
    assert town.do(offers.accept, town.rules, mate.worker(), theirs).assignment.offer_id == theirs


def test_a_member_does_not_accept_but_says_no_for_all(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    gig = town.gig(town.employer(), headcount=2)
    mine, theirs = offered_together(town, gig, leader, mate)
    with pytest.raises(Forbidden):
        town.do(offers.accept, town.rules, mate.worker(), theirs)
    assert statuses(town, mine, theirs) == [OfferStatus.PENDING] * 2
    town.do(offers.decline, town.rules, mate.worker(), theirs, None)
    assert statuses(town, mine, theirs) == [OfferStatus.WITHDRAWN, OfferStatus.DECLINED]
    assert seats(town, gig) == (0, 0)
    assert town.see(lambda tx: tx.offers.refused([gig])) == {mate.worker(): frozenset({gig})}


def test_more_time_is_for_all(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    made = offered_together(town, town.gig(town.employer(), headcount=2), leader, mate)
    ends: list[datetime] = [town.get_offer(each).expires_at for each in made]
    town.do(offers.extend, town.rules, mate.worker(), made[1])
    assert [(town.get_offer(a).expires_at - b).total_seconds() for a, b in zip(made, ends, strict=True)] == [
        60,
        60,
    ]
    with pytest.raises(OfferClosed):
        town.do(offers.extend, town.rules, leader.worker(), made[0])


def test_who_goes_offline_takes_the_crews_offers_back(town: Town) -> None:
    leader, mate, alone = (town.worker() for _ in range(3))
    crew_of(town, leader, mate)
    gig = town.gig(town.employer(), headcount=3)
    other = town.offer(gig, alone)
    made = offered_together(town, gig, leader, mate)
    town.do(presence.go_offline, mate.worker())
    assert statuses(town, *made, other) == [OfferStatus.WITHDRAWN, OfferStatus.WITHDRAWN, OfferStatus.PENDING]
    assert seats(town, gig) == (1, 0)


@pytest.mark.parametrize("going", ["says no", "goes offline"])
def test_of_two_crews_on_one_gig_each_answers_for_itself(town: Town, going: str) -> None:
    people = [town.worker() for _ in range(4)]
    crew_of(town, *people[:2])
    crew_of(town, *people[2:])
    gig = town.gig(town.employer(), headcount=4)
    made = offered_together(town, gig, *people[:2]) + offered_together(town, gig, *people[2:])
    if going == "says no":
        town.do(offers.decline, town.rules, people[1].worker(), made[1], None)
    else:
        town.do(presence.go_offline, people[1].worker())
    assert OfferStatus.PENDING not in statuses(town, *made[:2])
    assert statuses(town, *made[2:]) == [OfferStatus.PENDING] * 2
    together = town.get_offer(made[2]).together
    assert together is not None
    (theirs,) = [one for one in made[2:] if town.get_offer(one).worker == together.leader]
    town.do(offers.accept, town.rules, together.leader, theirs)
    assert seats(town, gig) == (0, 2)


def test_joining_takes_back_what_was_offered_without_the_others(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    gig, other = town.gig(town.employer(), headcount=2), town.gig(town.employer())
    made = [town.offer(gig, leader), town.offer(other, mate)]
    crew_of(town, leader, mate)
    assert statuses(town, *made) == [OfferStatus.WITHDRAWN] * 2
    assert (seats(town, gig), seats(town, other)) == ((0, 0), (0, 0))


@pytest.mark.parametrize("change", ["one left", "one came"])
def test_an_offer_to_a_crew_that_is_no_more_the_same_is_not_accepted(town: Town, change: str) -> None:
    """As when a claim came between: everything else takes the offers back."""
    leader, mate, third = (town.worker() for _ in range(3))
    crew = CrewId(crew_of(town, leader, mate))
    gig = town.gig(town.employer(), headcount=2)
    mine, _ = offered_together(town, gig, leader, mate)
    if change == "one left":
        town.do(lambda tx: tx.crews.quit(mate.worker()))
    else:
        town.do(lambda tx: tx.crews.enter(crew, third.worker(), town.now + timedelta(seconds=1)))
    with pytest.raises(OfferClosed):
        town.do(offers.accept, town.rules, leader.worker(), mine)
    assert seats(town, gig) == (2, 0)


def test_hours_of_one_that_are_taken_keep_all_from_accepting(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    employer = town.employer()
    gig = town.gig(employer, headcount=2)
    mine, _ = offered_together(town, gig, leader, mate)
    clash = town.gig(employer)
    town.do(_promised_meanwhile, mate.worker(), clash)
    with pytest.raises(Overlap):
        town.do(offers.accept, town.rules, leader.worker(), mine)
    assert seats(town, gig) == (2, 0)
    assert work(town, gig) == {}


def _promised_meanwhile(tx: Transaction, worker: WorkerId, gig: GigId) -> None:
    found = tx.gigs.get(gig)
    done = offer(OfferStatus.ACCEPTED, id=OfferId("other"), gig=gig, worker=worker, employer=found.employer)
    tx.offers.add_many([done])
    draft = found.draft
    tx.assignments.add(
        assignment(
            gig=gig, offer=done.id, worker=worker, employer=found.employer, busy_from=draft.starts_at,
            busy_until=draft.ends_at,
        )
    )  # fmt: skip


# At work.


def hired(
    town: Town, count: int = 2, gig: GigId | None = None
) -> tuple[GigId, list[Actor], list[AssignmentId]]:
    """A crew on a gig that is about to begin, the leader first."""
    people = [town.worker() for _ in range(count)]
    crew_of(town, *people)
    gig = gig or town.gig(town.employer(), headcount=count)
    made = offered_together(town, gig, *people)
    together = town.get_offer(made[0]).together
    assert together is not None
    people.sort(key=lambda one: one.worker() != together.leader)
    town.do(offers.accept, town.rules, together.leader, town.pending(people[0]))
    held = {one.worker: one.id for one in town.see(lambda tx: tx.assignments.of_gig(gig))}
    return gig, people, [held[one.worker()] for one in people]


def step(town: Town, actor: Actor, op: str, **args: object) -> int:
    made = OPS[op].args(**args)
    return town.do(perform, town.rules, actor, op, made, None).status


def test_the_leader_checks_in_and_out_for_all(town: Town) -> None:
    gig, (leader, *mates), (mine, *_) = hired(town, 3)
    code = town.get_gig(gig).site_code
    step(town, leader, "assignment.check_in", assignment_id=mine, code=code, crew=True)
    assert set(work(town, gig).values()) == {AssignmentStatus.CHECKED_IN}
    town.wait(hours=4)
    step(town, leader, "assignment.check_out", assignment_id=mine, crew=True)
    assert set(work(town, gig).values()) == {AssignmentStatus.COMPLETED}
    acts = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT actor_id, action FROM audit").all())
    assert sorted(acts) == sorted(
        [(leader.account, f"crew.check_{way}") for way in ("in", "out") for _ in mates]
    )


def test_a_leader_checks_in_and_out_for_no_other_crew(town: Town) -> None:
    gig = town.gig(town.employer(), headcount=4)
    _, (leader, _), (mine, its) = hired(town, gig=gig)
    _, _, others = hired(town, gig=gig)
    code = town.get_gig(gig).site_code
    for way, status in (("in", AssignmentStatus.CHECKED_IN), ("out", AssignmentStatus.COMPLETED)):
        step(
            town,
            leader,
            f"assignment.check_{way}",
            assignment_id=mine,
            crew=True,
            **{"code": code} if way == "in" else {},
        )
        held = {one.id: one.status for one in town.see(lambda tx: tx.assignments.of_gig(gig))}
        assert (held[mine], held[its]) == (status, status)
        assert [held[one] for one in others] == [AssignmentStatus.CONFIRMED] * 2


def test_a_kiosk_without_a_network_takes_the_whole_crew_down(town: Town) -> None:
    gig, (leader, _), (mine, _) = hired(town)
    kiosk = town.person(Role.KIOSK, "一体机", "zs-city")
    paper = town.do(passes.ticket, town.rules, leader, mine).code
    arrived = town.now + timedelta(minutes=20)
    town.wait(hours=1)
    came = AttendanceIn(op="check_in", at=arrived, code=paper, site_code=town.get_gig(gig).site_code, crew=True)
    town.do(attendance.keep, town.rules, kiosk, came, "k1")
    town.wait(hours=3)
    left = AttendanceIn(op="check_out", at=town.now, code=paper, crew=True)
    town.do(attendance.keep, town.rules, kiosk, left, "k2")
    found = town.see(lambda tx: tx.assignments.of_gig(gig))
    assert {(one.status, one.checked_in_at, one.checked_out_at) for one in found} == {
        (AssignmentStatus.COMPLETED, arrived, town.now)
    }


def test_what_the_leader_kept_until_after_the_end_counts_for_all_but_whom_the_employer_missed(
    town: Town,
) -> None:
    gig, (leader, _, missed), (mine, _, seat) = hired(town, 3)
    code, came = town.get_gig(gig).site_code, town.now + timedelta(hours=1)
    employer = town.see(lambda tx: tx.gigs.get(gig)).employer
    town.wait(hours=2)
    town.do(assignments.report_no_show, town.rules, employer, seat)
    town.wait(hours=8)
    town.do(assignments.pass_time_due, town.rules)
    assert set(work(town, gig).values()) == {AssignmentStatus.NO_SHOW}
    step(town, leader, "assignment.check_in", assignment_id=mine, code=code, crew=True, at=came)
    step(town, leader, "assignment.check_out", assignment_id=mine, crew=True, at=came + timedelta(hours=2))
    after = work(town, gig)
    assert after.pop(missed.account) is AssignmentStatus.NO_SHOW
    assert set(after.values()) == {AssignmentStatus.COMPLETED}


def test_who_is_there_already_or_never_comes_is_left_alone(town: Town) -> None:
    gig, (leader, early, ill), (mine, theirs, gone) = hired(town, 3)
    code = town.get_gig(gig).site_code
    step(town, early, "assignment.check_in", assignment_id=theirs, code=code)
    step(town, ill, "assignment.cancel", assignment_id=gone)
    town.wait(minutes=5)
    step(town, leader, "assignment.check_in", assignment_id=mine, code=code, crew=True)
    assert work(town, gig) == {
        leader.account: AssignmentStatus.CHECKED_IN,
        early.account: AssignmentStatus.CHECKED_IN,
        ill.account: AssignmentStatus.CANCELLED_BY_WORKER,
    }
    with pytest.raises(WrongState):
        step(town, leader, "assignment.check_in", assignment_id=mine, code=code, crew=True)


def test_a_latecomer_is_checked_in_by_the_leader_who_is_there(town: Town) -> None:
    gig, (leader, _), (mine, _) = hired(town)
    code = town.get_gig(gig).site_code
    step(town, leader, "assignment.check_in", assignment_id=mine, code=code)
    step(town, leader, "assignment.check_in", assignment_id=mine, code=code, crew=True)
    assert set(work(town, gig).values()) == {AssignmentStatus.CHECKED_IN}


def test_only_the_leader_does_it_for_others(town: Town) -> None:
    gig, (_, mate), (mine, theirs) = hired(town)
    code = town.get_gig(gig).site_code
    with pytest.raises(Forbidden):
        step(town, mate, "assignment.check_in", assignment_id=theirs, code=code, crew=True)
    with pytest.raises(NotFound):
        step(town, mate, "assignment.check_in", assignment_id=mine, code=code, crew=True)
    alone = town.worker()
    other = town.gig(town.employer(), starts_in_h=1)
    town.do(offers.accept, town.rules, alone.worker(), town.offer(other, alone))
    (held,) = town.see(lambda tx: tx.assignments.of_gig(other))
    with pytest.raises(Forbidden):
        step(town, alone, "assignment.check_in", assignment_id=held.id, code=code, crew=True)
    assert set(work(town, gig).values()) == {AssignmentStatus.CONFIRMED}


def test_leaving_the_crew_afterwards_changes_nothing_about_the_work(town: Town) -> None:
    gig, (leader, mate), (mine, _) = hired(town)
    town.do(crews.leave, town.rules, mate)
    step(town, leader, "assignment.check_in", assignment_id=mine, code=town.get_gig(gig).site_code, crew=True)
    assert set(work(town, gig).values()) == {AssignmentStatus.CHECKED_IN}


# Coming and going.


def test_a_crew_is_founded_once_and_its_code_renewed(town: Town) -> None:
    leader, mate = town.worker(), town.worker()
    first = town.do(crews.open_crew, town.rules, leader).crew
    again = town.do(crews.open_crew, town.rules, leader).crew
    assert first is not None
    assert again is not None
    assert first.code is not None
    assert again.code is not None
    assert (again.id, again.leads) == (first.id, True)
    assert again.code != first.code
    with pytest.raises(WrongCode):
        town.do(crews.join, town.rules, mate, first.code)
    joined = town.do(crews.join, town.rules, mate, again.code).crew
    assert joined is not None
    assert (joined.leads, joined.code, joined.code_until) == (False, None, None)
    assert [one.leads for one in joined.members] == [True, False]
    with pytest.raises(Forbidden):
        town.do(crews.open_crew, town.rules, mate)


def test_a_crew_nobody_joined_is_given_up_for_another(town: Town) -> None:
    one, other = town.worker(), town.worker()
    crew_of(town, one)
    kept = crew_of(town, other, one)
    assert town.see(lambda tx: tx.workers.get(one.worker()).crew) == kept
    assert town.see(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM crew").scalar_one()) == 1


def test_nobody_leaves_others_for_a_third_without_saying_so(town: Town) -> None:
    one, two, three = (town.worker() for _ in range(3))
    mine = crew_of(town, one, two)
    with pytest.raises(Invalid, match="leave that first"):
        crew_of(town, three, one)
    assert town.see(lambda tx: tx.workers.get(one.worker()).crew) == mine


def test_the_last_who_leaves_ends_it(town: Town) -> None:
    one, two = town.worker(), town.worker()
    crew_of(town, one, two)
    assert town.do(crews.leave, town.rules, one).crew is None
    left = town.see(crews.of_worker, two.worker()).crew
    assert left is not None
    assert left.leads
    assert town.do(crews.leave, town.rules, two).crew is None
    assert town.do(crews.leave, town.rules, two).crew is None
    assert town.see(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM crew").scalar_one()) == 0


def test_mates_see_each_other_by_masked_name_and_who_looks_for_work(town: Town) -> None:
    one, two = town.worker(name="周福生"), town.worker(available=False, name="欧阳小红")
    crew_of(town, one, two)
    state = decode_state(town, one)
    assert [(each["name"], each["leads"], each["looking"]) for each in state["members"]] == [
        ("周*", True, True),
        ("欧*", False, False),
    ]
    assert decode_state(town, two)["code"] is None


def decode_state(town: Town, worker: Actor) -> Any:
    return decode(encode(town.see(snapshots.snapshot, worker)))["crew"]


def test_who_acts_for_a_worker_is_kept(town: Town) -> None:
    clerk_side = at_kiosk(town.worker(), "zs-city", "clerk-1")
    crew = crew_of(town, clerk_side)
    town.do(crews.leave, town.rules, clerk_side)
    acts = town.see(
        lambda tx: tx.connection.exec_driver_sql("SELECT via_id, action, subject_id FROM audit").all()
    )
    assert [tuple(act) for act in acts] == [("clerk-1", "crew.open", crew), ("clerk-1", "crew.leave", crew)]
