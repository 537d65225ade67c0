"""Tickets and cards: what they allow, how they end, and that nobody can make one up."""

from datetime import timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.errors import Forbidden, NotFound, Unauthenticated, WrongCode
from gigmarket.domain.ids import AccountId, AssignmentId, Role, StationId
from gigmarket.services import accounts, assignments, attendance, commands, offers, passes
from gigmarket.wire.codec import decode
from gigmarket.wire.kiosks import AttendanceIn, GuestView
from gigmarket.wire.ops import OPS
from gigmarket.wire.work import CheckInArgs, OfferArgs
from tests.services.town import Town

HALL = StationId("zs-city")


def at_work(town: Town, worker: Actor, starts_in_h: float = 1) -> AssignmentId:
    """The worker has a gig of the next hours."""
    gig = town.gig(town.employer(), starts_in_h=starts_in_h)
    offer = town.offer(gig, worker)
    town.do(commands.perform, town.rules, worker, "offer.accept", OfferArgs(offer_id=offer), None)
    made = town.see(lambda tx: tx.assignments.of_offer(offer))
    assert made is not None
    return made.id


def kiosk_of(town: Town) -> Actor:
    return town.person(Role.KIOSK, "一体机", HALL)


def guest(town: Town, kiosk: Actor, code: str) -> tuple[GuestView, Actor]:
    """Scanned at a kiosk."""
    session = town.do(passes.scan, town.rules, kiosk, code)
    return session, town.see(accounts.authenticate, session.token, town.now)


def step(town: Town, actor: Actor, op: str, assignment: str) -> int:
    return town.do(
        commands.perform,
        town.rules,
        actor,
        op,
        OPS[op].args.model_validate({"assignment_id": assignment}),
        None,
    ).status


def site_code(town: Town, assignment: AssignmentId) -> str:
    return town.see(lambda tx: tx.gigs.get(tx.assignments.get(assignment).gig).site_code)


def statuses(town: Town, *assignments: AssignmentId) -> list[AssignmentStatus]:
    return town.see(lambda tx: [tx.assignments.get(one).status for one in assignments])


def phone_of(town: Town, who: Actor) -> str:
    return town.see(lambda tx: tx.accounts.get(who.account).phone)


def test_a_ticket_opens_a_session_for_its_own_assignment_only(town: Town) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    first, second = at_work(town, worker), at_work(town, worker, starts_in_h=8)
    printed = town.do(passes.ticket, town.rules, worker, first)
    assert town.do(passes.ticket, town.rules, worker, first) == printed
    assert town.do(passes.ticket, town.rules, worker, second).id != printed.id
    session, actor = guest(town, kiosk, printed.code)
    assert (session.kind, session.assignment_id) == ("ticket", first)
    assert (actor.account, actor.via, actor.station) == (worker.account, kiosk.account, HALL)
    code = CheckInArgs(assignment_id=first, code=site_code(town, first))
    town.do(commands.perform, town.rules, actor, "assignment.check_in", code, None)
    assert step(town, actor, "assignment.check_out", first) == 200
    for op, other in (("assignment.check_out", second), ("assignment.dispute", first)):
        with pytest.raises(Forbidden):
            step(town, actor, op, other)
    with pytest.raises(NotFound):
        town.do(passes.ticket, town.rules, town.worker(), first)


@pytest.mark.parametrize("place", [5, -1])
def test_a_changed_code_opens_nothing(town: Town, place: int) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    code = town.do(passes.ticket, town.rules, worker, at_work(town, worker)).code
    other = "A" if code[place] != "A" else "B"
    forged = code[:place] + other + (code[place + 1 :] if place > 0 else "")
    for wrong in (forged, code[:-1], "GM1", "GM1..", "", code.replace("GM1", "GM2")):
        with pytest.raises(WrongCode):
            town.do(passes.scan, town.rules, kiosk, wrong)
    assert guest(town, kiosk, code.lower())[1].account == worker.account


def test_who_can_write_to_the_table_still_cannot_prolong_a_ticket(town: Town) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    code = town.do(passes.ticket, town.rules, worker, at_work(town, worker)).code
    town.do(lambda tx: tx.connection.exec_driver_sql("UPDATE pass SET expires_at = NULL"))
    with pytest.raises(WrongCode):
        town.do(passes.scan, town.rules, kiosk, code)


def test_a_ticket_ends_with_its_time(town: Town) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    printed = town.do(passes.ticket, town.rules, worker, at_work(town, worker))
    assert printed.expires_at is not None
    town.wait(days=30)
    guest(town, kiosk, printed.code)
    town.now = printed.expires_at
    with pytest.raises(WrongCode, match="run out"):
        town.do(passes.scan, town.rules, kiosk, printed.code)


def test_a_card_lasts_until_another_is_printed_or_all_are_revoked(town: Town) -> None:
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    phone = phone_of(town, worker)
    first = town.do(passes.card, town.rules, clerk, phone)
    _, holder = guest(town, kiosk, first.code)
    assert holder.grant is not None
    assert holder.grant.allows("presence.set", None)
    second = town.do(passes.card, town.rules, clerk, phone)
    with pytest.raises(WrongCode):
        town.do(passes.scan, town.rules, kiosk, first.code)
    session, _ = guest(town, kiosk, second.code)
    assert town.do(passes.revoke_all, clerk, phone).revoked == 1
    # The session that the card had opened ends with it.
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, session.token, town.now)
    with pytest.raises(NotFound):
        town.do(passes.card, town.rules, clerk, "13999999999")


def test_a_lost_wallet_holds_the_tickets_too(town: Town) -> None:
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    phone = phone_of(town, worker)
    card = town.do(passes.card, town.rules, clerk, phone).code
    ticket = town.do(passes.ticket, town.rules, worker, at_work(town, worker)).code
    assert town.do(passes.revoke_all, clerk, phone).revoked == 2
    for code in (card, ticket):
        with pytest.raises(WrongCode):
            town.do(passes.scan, town.rules, kiosk, code)


def test_attendance_kept_offline_counts_from_when_it_was_written_down(town: Town) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    assignment = at_work(town, worker)
    code = town.do(passes.ticket, town.rules, worker, assignment).code
    arrived = town.now + timedelta(minutes=20)
    town.wait(hours=1)
    kept = AttendanceIn(op="check_in", at=arrived, code=code, site_code=site_code(town, assignment))
    done = town.do(attendance.keep, town.rules, kiosk, kept, "k1")
    assert decode(done.body)["assignment"]["status"] == "checked_in"
    # Sent again after a lost answer: the first answer, and nothing more.
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k1") == done
    found = town.see(lambda tx: tx.assignments.get(assignment))
    assert (found.status, found.checked_in_at) == (AssignmentStatus.CHECKED_IN, arrived)
    assert found.handed_in_at == town.now
    early = AttendanceIn(op="check_out", at=arrived - timedelta(minutes=5), code=code)
    town.do(attendance.keep, town.rules, kiosk, early, "k2")
    assert town.see(lambda tx: tx.assignments.get(assignment).checked_out_at) == arrived


@pytest.mark.parametrize("by", ["ticket", "card"])
def test_attendance_kept_until_after_the_end_undoes_what_the_clock_took_for_a_no_show(
    town: Town, by: str
) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    assignment = at_work(town, worker)
    if by == "ticket":
        code = town.do(passes.ticket, town.rules, worker, assignment).code
    else:
        clerk = town.person(Role.CLERK, "李协管", HALL)
        code = town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    arrived = town.now + timedelta(minutes=20)
    town.wait(hours=9)
    town.do(assignments.pass_time_due, town.rules)
    assert town.see(lambda tx: tx.assignments.get(assignment)).status is AssignmentStatus.NO_SHOW
    kept = AttendanceIn(op="check_in", at=arrived, code=code, site_code=site_code(town, assignment))
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k1").status == 200
    left = AttendanceIn(op="check_out", at=arrived + timedelta(hours=3), code=code)
    assert town.do(attendance.keep, town.rules, kiosk, left, "k2").status == 200
    found = town.see(lambda tx: tx.assignments.get(assignment))
    assert (found.status, found.checked_in_at) == (AssignmentStatus.COMPLETED, arrived)


def test_a_card_checks_in_to_where_its_owner_was_then(town: Town) -> None:
    """Missed by the clock this morning, and another promised for later: the time says which."""
    worker, kiosk = town.worker(), kiosk_of(town)
    morning = at_work(town, worker)
    later = town.gig(town.employer(), starts_in_h=20)
    town.offer(later, worker)
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    clerk = town.person(Role.CLERK, "李协管", HALL)
    code = town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    arrived = town.now + timedelta(minutes=40)
    town.wait(hours=9)
    town.do(assignments.pass_time_due, town.rules)
    kept = AttendanceIn(op="check_in", at=arrived, code=code, site_code=site_code(town, morning))
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k1").status == 200
    assert town.see(lambda tx: tx.assignments.get(morning)).checked_in_at == arrived


def test_attendance_is_refused_once_and_for_all_under_its_key(town: Town) -> None:
    worker, kiosk = town.worker(), kiosk_of(town)
    assignment = at_work(town, worker)
    code = town.do(passes.ticket, town.rules, worker, assignment).code
    right = site_code(town, assignment)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    kept = AttendanceIn(op="check_in", at=town.now, code=code, site_code=wrong)
    for _ in range(2):
        assert town.do(attendance.keep, town.rules, kiosk, kept, "k1").status == 422
    old = AttendanceIn(op="check_in", at=town.now - timedelta(hours=25), code=code, site_code=right)
    assert town.do(attendance.keep, town.rules, kiosk, old, "k2").status == 422
    assert town.see(lambda tx: tx.assignments.get(assignment).status) is AssignmentStatus.CONFIRMED


@pytest.mark.parametrize("paper", ["ticket", "card"])
def test_a_kept_step_that_does_not_fit_says_whether_the_gig_still_stands(town: Town, paper: str) -> None:
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    assignment = at_work(town, worker)
    ticket = town.do(passes.ticket, town.rules, worker, assignment).code
    code = ticket if paper == "ticket" else town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    arrive = AttendanceIn(op="check_in", at=town.now, code=code, site_code=site_code(town, assignment))
    leave = AttendanceIn(op="check_out", at=town.now, code=code)

    def answered(asked: AttendanceIn, key: str) -> str:
        done = town.do(attendance.keep, town.rules, kiosk, asked, key)
        return str(decode(done.body).get("type", "done")).removeprefix("/problems/")

    assert answered(leave, "too soon") == "not-checked-in"
    assert answered(arrive, "arrives") == "done"
    assert answered(arrive, "arrives twice") == "checked-in-already"
    assert answered(leave, "leaves") == "done"
    over = "assignment-state" if paper == "ticket" else "not-found"
    assert answered(leave, "leaves twice") == over


def test_without_a_paper_the_worker_was_identified_at_this_kiosk(town: Town) -> None:
    worker, kiosk, other = town.worker(), kiosk_of(town), kiosk_of(town)
    assignment = at_work(town, worker)
    account = town.see(lambda tx: tx.accounts.get(AccountId(worker.account)))
    town.do(accounts.identify, town.rules, kiosk, account)
    kept = AttendanceIn(
        op="check_in", at=town.now, assignment_id=assignment, site_code=site_code(town, assignment)
    )
    town.wait(hours=1)
    assert town.do(attendance.keep, town.rules, other, kept, "k").status == 403
    for minutes in (-1, 11):  # before he came, and when his session was over
        then = kept.model_copy(update={"at": kept.at + timedelta(minutes=minutes)})
        assert town.do(attendance.keep, town.rules, kiosk, then, f"{minutes}").status == 403
    stranger = town.worker()
    theirs = kept.model_copy(update={"assignment_id": at_work(town, stranger)})
    assert town.do(attendance.keep, town.rules, kiosk, theirs, "theirs").status == 403
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k").status == 200


def test_of_two_sites_a_card_checks_in_to_the_one_whose_code_was_read(town: Town) -> None:
    """Both could be checked in to at that moment: the one before is not over yet."""
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    first, second = at_work(town, worker), at_work(town, worker, starts_in_h=6)
    card = town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    town.wait(hours=4, minutes=30)
    kept = AttendanceIn(op="check_in", at=town.now, code=card, site_code=site_code(town, second))
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k").status == 200
    assert statuses(town, first, second) == [AssignmentStatus.CONFIRMED, AssignmentStatus.CHECKED_IN]


def test_a_card_checks_in_to_nothing_that_was_over_then(town: Town) -> None:
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    over, next_one = at_work(town, worker), at_work(town, worker, starts_in_h=6)
    card = town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    town.now = town.see(lambda tx: tx.assignments.get(over).busy_until)
    wrong = AttendanceIn(op="check_in", at=town.now, code=card, site_code=site_code(town, over))
    assert town.do(attendance.keep, town.rules, kiosk, wrong, "k").status == 422
    assert statuses(town, over, next_one) == [AssignmentStatus.CONFIRMED] * 2


def test_a_card_kept_offline_finds_the_next_assignment(town: Town) -> None:
    worker, kiosk, clerk = town.worker(), kiosk_of(town), town.person(Role.CLERK, "李协管", HALL)
    card = town.do(passes.card, town.rules, clerk, phone_of(town, worker)).code
    nothing = AttendanceIn(op="check_out", at=town.now, code=card)
    assert town.do(attendance.keep, town.rules, kiosk, nothing, "nothing to leave").status == 404
    late, soon = at_work(town, worker, starts_in_h=8), at_work(town, worker)
    kept = AttendanceIn(op="check_in", at=town.now, code=card, site_code=site_code(town, soon))
    assert town.do(attendance.keep, town.rules, kiosk, kept, "k").status == 200
    assert town.see(lambda tx: tx.assignments.get(late).status) is AssignmentStatus.CONFIRMED
