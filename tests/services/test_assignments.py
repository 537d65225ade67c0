"""From acceptance to the paid wage, by both sides and by the clock."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.errors import Invalid, NotFound, TooEarly, WrongCode, WrongState
from gigmarket.domain.ids import AssignmentId, GigId
from gigmarket.services import assignments, commands, earnings, gigs, offers
from gigmarket.store.tables import TABLES
from gigmarket.wire.codec import decode, encode
from gigmarket.wire.work import CheckInArgs, CheckOutArgs, Payment
from tests.services.town import Town


def hired(town: Town, headcount: int = 1, starts_in_h: float = 1) -> tuple[Actor, Actor, GigId, AssignmentId]:
    """An employer, a worker, their gig and the assignment."""
    employer, worker = town.employer(), town.worker()
    gig = town.gig(employer, headcount, starts_in_h)
    offer = town.offer(gig, worker)
    answer = town.do(offers.accept, town.rules, worker.worker(), offer)
    return employer, worker, gig, AssignmentId(answer.assignment.id)


def stamp(at: datetime) -> str:
    """As the wire says it."""
    text: str = decode(encode(at))
    return text


def status(town: Town, assignment: AssignmentId) -> str:
    return town.see(lambda tx: tx.assignments.get(assignment).status).value


def checked_in(town: Town) -> tuple[Actor, Actor, GigId, AssignmentId]:
    employer, worker, gig, assignment = hired(town)
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, code)
    return employer, worker, gig, assignment


def test_the_days_work(town: Town) -> None:
    employer, worker, gig, assignment = hired(town)
    code, me = town.get_gig(gig).site_code, worker.worker()
    with pytest.raises(WrongCode):
        town.do(assignments.check_in, town.rules, me, assignment, "000000" if code != "000000" else "1")
    town.do(assignments.check_in, town.rules, me, assignment, code)
    assert town.get_gig(gig).status == "in_progress"
    town.wait(hours=5)
    town.do(assignments.check_out, town.rules, me, assignment)
    assert town.get_gig(gig).status == "completed"
    with pytest.raises(WrongState):
        town.do(assignments.confirm, town.rules, me, assignment)
    town.do(assignments.settle, town.rules, employer.employer(), assignment, 18000, "")
    done = town.do(assignments.confirm, town.rules, me, assignment)
    assert done.assignment.status is AssignmentStatus.SETTLED
    assert done.assignment.settled_at == town.now
    told = [data["assignment"]["status"] for kind, data in town.told(worker) if kind == "assignment.updated"]
    assert told == ["checked_in", "completed", "completed", "settled"]
    # Who had work waits anew, and is told so.
    assert town.kinds(worker)[-4:-1] == ["assignment.updated", "presence.updated", "assignment.updated"]


def test_check_in_opens_two_hours_before_the_start(town: Town) -> None:
    _, worker, gig, assignment = hired(town, starts_in_h=6)
    code = town.get_gig(gig).site_code
    town.wait(hours=4, seconds=-1)
    with pytest.raises(TooEarly):
        town.do(assignments.check_in, town.rules, worker.worker(), assignment, code)
    town.wait(seconds=1)
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, code)


def test_less_than_due_needs_a_reason_and_can_be_disputed(town: Town) -> None:
    employer, worker, _, assignment = checked_in(town)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)
    by = employer.employer()
    with pytest.raises(Invalid) as refused:
        town.do(assignments.settle, town.rules, by, assignment, 17999, "  ")
    assert refused.value.errors[0].path == "reason"
    town.do(assignments.settle, town.rules, by, assignment, 9000, "只来了半天")
    disputed = town.do(assignments.dispute, town.rules, worker.worker(), assignment, "来了一天")
    assert disputed.assignment.status is AssignmentStatus.DISPUTED
    town.do(assignments.settle, town.rules, by, assignment, 20000, "")
    assert town.do(assignments.confirm, town.rules, worker.worker(), assignment).assignment.paid_fen == 20000


@pytest.mark.parametrize("side", ["worker", "employer"])
def test_a_seat_given_up_before_check_in_is_offered_again(town: Town, side: str) -> None:
    employer, worker, gig, assignment = hired(town)
    by = worker if side == "worker" else employer
    told = len(town.events)
    town.do(assignments.cancel, town.rules, by, assignment, "病了")
    assert status(town, assignment) == f"cancelled_by_{side}"
    assert (town.get_gig(gig).status, town.get_gig(gig).free_seats()) == ("open", 1)
    woken = town.woken[-1].aftermath
    assert woken.gigs == {gig}
    assert woken.workers == {worker.worker()}
    assert town.kinds(worker, told) == ["assignment.updated"]
    assert town.kinds(employer, told) == ["assignment.updated", "gig.updated"]
    other = town.worker()
    town.do(offers.accept, town.rules, other.worker(), town.offer(gig, other))
    assert town.get_gig(gig).status == "filled"
    with pytest.raises(WrongState):
        town.do(assignments.cancel, town.rules, by, assignment, "")


def test_nobody_cancels_after_check_in(town: Town) -> None:
    employer, worker, _, assignment = checked_in(town)
    for by in (worker, employer):
        with pytest.raises(WrongState):
            town.do(assignments.cancel, town.rules, by, assignment, "")


def test_a_no_show_is_reported_ten_minutes_after_the_start(town: Town) -> None:
    employer, _, gig, assignment = hired(town)
    town.wait(hours=1, minutes=9)
    with pytest.raises(TooEarly):
        town.do(assignments.report_no_show, town.rules, employer.employer(), assignment)
    town.wait(minutes=1)
    town.do(assignments.report_no_show, town.rules, employer.employer(), assignment)
    assert status(town, assignment) == "no_show"
    reopened = town.get_gig(gig)
    assert (reopened.status, reopened.free_seats()) == ("open", 1)
    assert reopened.recruit_until > town.now  # useful work is left: recruiting goes on


def test_the_clock_ends_what_people_forget(town: Town) -> None:
    employer, late, gig, forgotten = checked_in(town)
    _, _, other_gig, absent = hired(town)
    town.wait(hours=5)
    assert town.do(assignments.pass_time_due, town.rules) == 1
    assert status(town, absent) == "no_show"
    town.wait(hours=2)
    assert town.do(assignments.pass_time_due, town.rules) == 1
    assert town.do(assignments.pass_time_due, town.rules) == 0
    assert status(town, forgotten) == "completed"
    assert town.see(lambda tx: tx.assignments.get(forgotten)).checked_out_at == town.get_gig(gig).draft.ends_at
    town.do(gigs.pass_time_due, town.rules)
    assert (town.get_gig(gig).status, town.get_gig(other_gig).status) == ("completed", "expired")
    assert town.kinds(late)[-1] == town.kinds(employer)[-2] == "assignment.updated"


def test_many_who_did_not_check_out_keep_nobody_waiting(town: Town) -> None:
    """The batch of what is due must not be filled by what cannot move yet."""
    employer = town.employer()
    for _ in range(3):
        worker, gig = town.worker(), town.gig(employer)
        answer = town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
        code = town.get_gig(gig).site_code
        town.do(assignments.check_in, town.rules, worker.worker(), AssignmentId(answer.assignment.id), code)
    _, _, _, absent = hired(town)
    town.wait(hours=5, minutes=1)
    for _ in range(4):
        town.do(assignments.pass_time_due, town.rules, limit=2)
    assert status(town, absent) == "no_show"


def test_anothers_assignment_is_not_found(town: Town) -> None:
    _, _, _, assignment = hired(town)
    stranger, boss = town.worker(), town.employer()
    for step in (assignments.check_out, assignments.confirm):
        with pytest.raises(NotFound):
            town.do(step, town.rules, stranger.worker(), assignment)
    with pytest.raises(NotFound):
        town.do(assignments.settle, town.rules, boss.employer(), assignment, 1, "")
    for by in (stranger, boss):
        with pytest.raises(NotFound):
            town.do(assignments.cancel, town.rules, by, assignment, "")


def test_calling_the_whole_gig_off(town: Town) -> None:
    employer, people = town.employer(), [town.worker() for _ in range(3)]
    gig = town.gig(employer, headcount=3)
    working, coming = (
        AssignmentId(town.do(offers.accept, town.rules, w.worker(), town.offer(gig, w)).assignment.id)
        for w in people[:2]
    )
    thinking = town.offer(gig, people[2])
    town.do(assignments.check_in, town.rules, people[0].worker(), working, town.get_gig(gig).site_code)
    told = len(town.events)
    answer = town.do(gigs.cancel, town.rules, employer.employer(), gig)
    assert (answer.gig.status, answer.gig.filled) == ("cancelled", 1)
    assert (status(town, working), status(town, coming)) == ("checked_in", "cancelled_by_employer")
    assert town.get_offer(thinking).status == "withdrawn"
    assert town.get_gig(gig).reserved == 0
    assert town.kinds(people[0], told) == []
    assert town.kinds(people[1], told) == ["assignment.updated"]
    assert town.kinds(people[2], told) == ["offer.closed"]
    assert town.kinds(employer, told).count("gig.updated") == 1
    # Who is on site is owed the wage: the assignment goes its way.
    town.do(assignments.check_out, town.rules, people[0].worker(), working)
    town.do(assignments.settle, town.rules, employer.employer(), working, 18000, "")
    town.do(assignments.confirm, town.rules, people[0].worker(), working)
    assert town.get_gig(gig).status == "cancelled"


def test_a_gig_nobody_came_to_expires(town: Town) -> None:
    employer = town.employer()
    gig = town.gig(employer)
    town.wait(hours=1, minutes=15)
    assert town.do(gigs.pass_time_due, town.rules) == 1
    assert town.get_gig(gig).status == "expired"
    assert town.told(employer)[-1][1]["gig"]["status"] == "expired"
    assert town.do(gigs.pass_time_due, town.rules) == 0


def test_late_is_told_to_the_employer_and_vouching_is_audited(town: Town) -> None:
    employer, worker, _, assignment = hired(town)
    told = len(town.events)
    answer = town.do(assignments.tell_late, town.rules, worker.worker(), assignment, 1200)
    assert answer.assignment.late_s == 1200
    assert town.kinds(employer, told) == ["assignment.updated"]
    town.wait(minutes=30)
    answer = town.do(assignments.vouch, town.rules, employer, assignment, True)
    assert (answer.assignment.status, answer.assignment.vouched) == ("checked_in", True)
    acts = select(TABLES["audit"].c.action, TABLES["audit"].c.actor_id)
    audited = town.see(lambda tx: [tuple(row) for row in tx.connection.execute(acts)])
    assert ("assignment.vouch here", employer.account) in audited


def test_several_are_paid_together_or_nobody_is(town: Town) -> None:
    employer, worker, gig, first = checked_in(town)
    town.wait(hours=2)
    town.do(assignments.check_out, town.rules, worker.worker(), first)
    paid = Payment(assignment_id=first, amount_fen=18_000)
    elsewhere = town.gig(employer)
    town.offer(elsewhere, other := town.worker())
    theirs = town.do(offers.accept, town.rules, other.worker(), town.pending(other)).assignment
    for bad, refusal in (
        (Payment(assignment_id="unknown", amount_fen=1), NotFound),
        (Payment(assignment_id=theirs.id, amount_fen=18_000), NotFound),
        (Payment(assignment_id=first, amount_fen=1), Invalid),
    ):
        with pytest.raises(refusal):
            town.do(assignments.settle_many, town.rules, employer.employer(), gig, [paid, bad])
        assert town.see(lambda tx: tx.assignments.get(first)).paid_fen is None
    with pytest.raises(NotFound):
        town.do(assignments.settle_many, town.rules, town.employer().employer(), gig, [paid])
    answer = town.do(assignments.settle_many, town.rules, employer.employer(), gig, [paid])
    assert [each.paid_fen for each in answer.assignments] == [18_000]
    town.do(assignments.confirm, town.rules, worker.worker(), first)
    month = town.see(earnings.of_month, worker.worker(), None)
    assert (month.fen, month.gigs, month.waiting_fen) == (18_000, 1, 0)
    with pytest.raises(Invalid):
        town.see(earnings.of_month, worker.worker(), "2026-13")


def test_what_a_phone_kept_counts_from_when_it_was_written_down(town: Town) -> None:
    employer, worker, gig, assignment = hired(town)
    code = town.get_gig(gig).site_code
    arrived = town.now + timedelta(minutes=40)
    town.wait(hours=2)
    args = CheckInArgs(assignment_id=assignment, code=code, at=arrived)
    done = town.do(commands.perform, town.rules, worker, "assignment.check_in", args, "k1")
    # Sent again after a lost answer: the first answer, and nothing more.
    assert town.do(commands.perform, town.rules, worker, "assignment.check_in", args, "k1") == done
    seen = [data for kind, data in town.told(employer) if kind == "assignment.updated"][-1]["assignment"]
    assert (seen["checked_in_at"], seen["handed_in_at"]) == (stamp(arrived), stamp(town.now))
    told = town.now
    town.wait(hours=2)
    # A moment's gap is nothing to tell the employer of, and takes nothing back.
    left = CheckOutArgs(assignment_id=assignment, at=town.now - timedelta(seconds=90))
    town.do(commands.perform, town.rules, worker, "assignment.check_out", left, "k2")
    found = town.see(lambda tx: tx.assignments.get(assignment))
    assert (found.checked_out_at, found.handed_in_at) == (left.at, told)


def test_what_was_kept_until_after_the_end_undoes_what_the_clock_took_for_a_no_show(town: Town) -> None:
    """A whole day without a network: the worker came, and nobody said that he did not."""
    employer, worker, gig, assignment = hired(town)
    code, came, left = town.get_gig(gig).site_code, town.now + timedelta(hours=1), town.now + timedelta(hours=4)
    town.wait(hours=6)
    town.do(assignments.pass_time_due, town.rules)
    town.do(gigs.pass_time_due, town.rules)
    assert (status(town, assignment), town.get_gig(gig).status) == ("no_show", "expired")

    done = town.do(assignments.check_in, town.rules, worker.worker(), assignment, code, came)
    assert (done.assignment.status, done.assignment.handed_in_at) == ("checked_in", town.now)
    assert (town.get_gig(gig).status, town.get_gig(gig).filled) == ("in_progress", 1)
    assert town.kinds(employer)[-2:] == ["assignment.updated", "gig.updated"]
    town.do(assignments.check_out, town.rules, worker.worker(), assignment, left)
    assert (status(town, assignment), town.get_gig(gig).status) == ("completed", "completed")
    town.do(assignments.settle, town.rules, employer.employer(), assignment, 18_000, "")
    town.do(assignments.confirm, town.rules, worker.worker(), assignment)
    assert status(town, assignment) == "settled"


def test_there_is_time_to_hand_in_when_he_left_too(town: Town) -> None:
    _, worker, gig, assignment = hired(town)
    code, came = town.get_gig(gig).site_code, town.now + timedelta(hours=1)
    town.wait(hours=12)
    town.do(assignments.pass_time_due, town.rules)
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, code, came)
    town.wait(seconds=30)
    assert town.do(assignments.pass_time_due, town.rules) == 0
    left = came + timedelta(hours=2)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment, left)
    assert town.see(lambda tx: tx.assignments.get(assignment)).checked_out_at == left


def test_a_gig_that_was_called_off_after_its_end_takes_nothing_from_who_was_there(town: Town) -> None:
    employer, there, gig, first = hired(town, headcount=2)
    late = town.worker()
    second = town.do(offers.accept, town.rules, late.worker(), town.offer(gig, late)).assignment.id
    code, came = town.get_gig(gig).site_code, town.now + timedelta(hours=1)
    town.wait(hours=1)
    town.do(assignments.check_in, town.rules, there.worker(), first, code)
    town.wait(hours=4, minutes=5)
    town.do(assignments.pass_time_due, town.rules)
    town.do(gigs.cancel, town.rules, employer.employer(), gig)
    town.do(assignments.check_in, town.rules, late.worker(), AssignmentId(second), code, came)
    assert (status(town, AssignmentId(second)), town.get_gig(gig).filled) == ("checked_in", 2)


def test_the_employer_may_say_of_whom_the_clock_gave_up_that_he_never_came(town: Town) -> None:
    employer, worker, gig, assignment = hired(town)
    code, came = town.get_gig(gig).site_code, town.now + timedelta(hours=1)
    town.wait(hours=6)
    town.do(assignments.pass_time_due, town.rules)
    before = town.get_gig(gig)
    town.do(assignments.report_no_show, town.rules, employer.employer(), assignment)
    assert town.get_gig(gig) == before
    with pytest.raises(WrongState):
        town.do(assignments.check_in, town.rules, worker.worker(), assignment, code, came)


def test_whom_the_employer_reported_or_who_says_he_came_after_the_end_stays_a_no_show(town: Town) -> None:
    employer, worker, gig, assignment = hired(town)
    code, came = town.get_gig(gig).site_code, town.now + timedelta(hours=1)
    _, other, other_gig, late = hired(town)
    town.wait(hours=2)
    town.do(assignments.report_no_show, town.rules, employer.employer(), assignment)
    town.wait(hours=4)
    town.do(assignments.pass_time_due, town.rules)
    with pytest.raises(WrongState):
        town.do(assignments.check_in, town.rules, worker.worker(), assignment, code, came)
    code = town.get_gig(other_gig).site_code
    with pytest.raises(WrongState):
        town.do(assignments.check_in, town.rules, other.worker(), late, code, town.now)
    assert (status(town, assignment), status(town, late)) == ("no_show", "no_show")


def test_a_kept_time_is_neither_of_the_future_nor_of_long_ago_nor_from_before_the_gig_was_ones_own(
    town: Town,
) -> None:
    _, worker, gig, assignment = hired(town)
    code, accepted = town.get_gig(gig).site_code, town.now

    def check_in(at: datetime, key: str) -> int:
        args = CheckInArgs(assignment_id=assignment, code=code, at=at)
        return town.do(commands.perform, town.rules, worker, "assignment.check_in", args, key).status

    assert check_in(town.now - timedelta(hours=25), "k1") == 422
    assert status(town, assignment) == "confirmed"
    assert check_in(town.now - timedelta(hours=1), "k2") == 200
    assert town.see(lambda tx: tx.assignments.get(assignment)).checked_in_at == accepted
    ahead = CheckOutArgs(assignment_id=assignment, at=town.now + timedelta(hours=3))
    town.do(commands.perform, town.rules, worker, "assignment.check_out", ahead, "k3")
    found = town.see(lambda tx: tx.assignments.get(assignment))
    assert (found.checked_out_at, found.handed_in_at) == (town.now, None)


def test_a_step_without_a_time_is_the_request_it_always_was() -> None:
    args = CheckOutArgs(assignment_id="a1")
    before = b"assignment.check_out\x00" + b'{"assignment_id":"a1","crew":false}'
    assert commands.fingerprint("assignment.check_out", args) == hashlib.sha256(before).hexdigest()
    timed = CheckOutArgs(assignment_id="a1", at=datetime.now(UTC))
    assert commands.fingerprint("assignment.check_out", timed) != hashlib.sha256(before).hexdigest()


def test_nobody_leaves_before_he_came_whatever_his_phone_wrote_down(town: Town) -> None:
    _, worker, gig, assignment = hired(town)
    earlier = town.now + timedelta(minutes=30)
    town.wait(hours=1)
    came = town.now
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, town.get_gig(gig).site_code)
    town.wait(hours=1)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment, earlier)
    assert town.see(lambda tx: tx.assignments.get(assignment)).checked_out_at == came
