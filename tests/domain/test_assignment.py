"""An assignment: where every command leads from every state, the site code, the clock and the wage."""

from collections.abc import Callable
from datetime import datetime

import pytest

from gigmarket.domain import assignment as assignments
from gigmarket.domain.assignment import (
    VACANT,
    WORKING,
    Assignment,
    AssignmentChanged,
    AssignmentCreated,
    AssignmentStatus,
    Changed,
)
from gigmarket.domain.errors import Invalid, NotFound, Refusal, TooEarly, WrongCode, WrongState
from gigmarket.domain.gig import Wage, WageUnit
from gigmarket.domain.ids import AssignmentId
from gigmarket.domain.offer import OfferStatus
from tests.domain.samples import (
    EMPLOYER,
    ENDS_AT,
    NOW,
    OTHER_EMPLOYER,
    OTHER_WORKER,
    POLICY,
    STARTS_AT,
    WORKER,
    assignment,
    gig,
    offer,
    seconds,
)

CONFIRMED, CHECKED_IN = AssignmentStatus.CONFIRMED, AssignmentStatus.CHECKED_IN
COMPLETED, SETTLED = AssignmentStatus.COMPLETED, AssignmentStatus.SETTLED
DISPUTED, NO_SHOW = AssignmentStatus.DISPUTED, AssignmentStatus.NO_SHOW
BY_WORKER = AssignmentStatus.CANCELLED_BY_WORKER
BY_EMPLOYER = AssignmentStatus.CANCELLED_BY_EMPLOYER

GIG = gig()
CODE = GIG.site_code
OPENS_AT = STARTS_AT - seconds(POLICY.check_in_opens_s)
MISSED_AT = STARTS_AT + seconds(POLICY.no_show_opens_s)
FORGOTTEN_AT = ENDS_AT + seconds(POLICY.auto_check_out_s)
MOMENT = seconds(0.001)

SUBJECTS: dict[str, Assignment] = {
    **{status.value: assignment(status) for status in AssignmentStatus},
    "completed, paid": assignment(COMPLETED, paid_fen=18_000, paid_at=ENDS_AT),
    "no_show, reported": assignment(NO_SHOW, vouched=True),
    "disputed, paid": assignment(DISPUTED, paid_fen=9_000, paid_at=ENDS_AT, paid_reason="来晚了"),
}
COMMANDS: dict[str, Callable[[Assignment], Changed]] = {
    "check in": lambda a: assignments.check_in(a, WORKER, CODE, GIG, OPENS_AT, POLICY),
    "check in at the end": lambda a: assignments.check_in(a, WORKER, CODE, GIG, ENDS_AT, POLICY),
    "check in early": lambda a: assignments.check_in(a, WORKER, CODE, GIG, OPENS_AT - MOMENT, POLICY),
    "check in, wrong code": lambda a: assignments.check_in(a, WORKER, "000000", GIG, STARTS_AT, POLICY),
    "check in, another": lambda a: assignments.check_in(a, OTHER_WORKER, CODE, GIG, STARTS_AT, POLICY),
    "vouch in": lambda a: assignments.vouch_in(a, EMPLOYER, GIG, OPENS_AT, POLICY),
    "vouch in early": lambda a: assignments.vouch_in(a, EMPLOYER, GIG, OPENS_AT - MOMENT, POLICY),
    "vouch in, another": lambda a: assignments.vouch_in(a, OTHER_EMPLOYER, GIG, OPENS_AT, POLICY),
    "vouch out": lambda a: assignments.vouch_out(a, EMPLOYER, ENDS_AT),
    "vouch out, another": lambda a: assignments.vouch_out(a, OTHER_EMPLOYER, ENDS_AT),
    "late": lambda a: assignments.tell_late(a, WORKER, 1200),
    "late, beyond": lambda a: assignments.tell_late(a, WORKER, assignments.LATEST_S + 1),
    "late, another": lambda a: assignments.tell_late(a, OTHER_WORKER, 1200),
    "check out": lambda a: assignments.check_out(a, WORKER, STARTS_AT),
    "check out, another": lambda a: assignments.check_out(a, OTHER_WORKER, STARTS_AT),
    "settle": lambda a: assignments.settle(a, EMPLOYER, 18_000, "", ENDS_AT),
    "settle for less": lambda a: assignments.settle(a, EMPLOYER, 17_999, " ", ENDS_AT),
    "settle for less, with a reason": lambda a: assignments.settle(a, EMPLOYER, 0, "没做完", ENDS_AT),
    "settle below zero": lambda a: assignments.settle(a, EMPLOYER, -1, "退款", ENDS_AT),
    "settle, another": lambda a: assignments.settle(a, OTHER_EMPLOYER, 18_000, "", ENDS_AT),
    "confirm": lambda a: assignments.confirm(a, WORKER, ENDS_AT),
    "confirm, another": lambda a: assignments.confirm(a, OTHER_WORKER, ENDS_AT),
    "dispute": lambda a: assignments.dispute(a, WORKER, "少给了"),
    "dispute, another": lambda a: assignments.dispute(a, OTHER_WORKER, "少给了"),
    "cancel by worker": lambda a: assignments.cancel_by_worker(a, WORKER, "病了"),
    "cancel by worker, another": lambda a: assignments.cancel_by_worker(a, OTHER_WORKER, "病了"),
    "cancel by employer": lambda a: assignments.cancel_by_employer(a, EMPLOYER, "下雨"),
    "cancel by employer, another": lambda a: assignments.cancel_by_employer(a, OTHER_EMPLOYER, "下雨"),
    "no-show": lambda a: assignments.report_no_show(a, EMPLOYER, GIG, MISSED_AT, POLICY),
    "no-show early": lambda a: assignments.report_no_show(a, EMPLOYER, GIG, MISSED_AT - MOMENT, POLICY),
    "no-show, another": lambda a: assignments.report_no_show(a, OTHER_EMPLOYER, GIG, MISSED_AT, POLICY),
    "time before the end": lambda a: assignments.pass_time(a, ENDS_AT - MOMENT, POLICY),
    "time at the end": lambda a: assignments.pass_time(a, ENDS_AT, POLICY),
    "time long after": lambda a: assignments.pass_time(a, FORGOTTEN_AT, POLICY),
}
Outcome = AssignmentStatus | type[Refusal]
_PAID: dict[str, Outcome] = {
    "settle": COMPLETED,
    "settle for less": Invalid,
    "settle for less, with a reason": COMPLETED,
    "settle below zero": Invalid,
}
# What is not written here is WrongState, NotFound for another's, and no change for the clock.
MOVES: dict[str, dict[str, Outcome]] = {
    "confirmed": {
        "check in": CHECKED_IN,
        "check in at the end": CHECKED_IN,
        "check in early": TooEarly,
        "check in, wrong code": WrongCode,
        "vouch in": CHECKED_IN,
        "vouch in early": TooEarly,
        "late": CONFIRMED,
        "late, beyond": Invalid,
        "cancel by worker": BY_WORKER,
        "cancel by employer": BY_EMPLOYER,
        "no-show": NO_SHOW,
        "no-show early": TooEarly,
        "time at the end": NO_SHOW,
        "time long after": NO_SHOW,
    },
    "checked_in": {"check out": COMPLETED, "vouch out": COMPLETED, "time long after": COMPLETED},
    "completed": {**_PAID, "dispute": DISPUTED},
    "completed, paid": {**_PAID, "confirm": SETTLED, "dispute": DISPUTED},
    "disputed": _PAID,
    "disputed, paid": {**_PAID, "confirm": SETTLED},
    "settled": {},
    "cancelled_by_worker": {},
    "cancelled_by_employer": {},
    # Kept by a device without a network, and told after the clock had given the worker up.
    "no_show": {
        "check in": CHECKED_IN,
        "check in early": TooEarly,
        "check in, wrong code": WrongCode,
        "no-show": NO_SHOW,
        "no-show early": TooEarly,
    },
    "no_show, reported": {},
}


def outcome_of(subject: str, command: str) -> Outcome:
    """The next state or the refusal for one pair of the full table."""
    if command.endswith(", another"):
        return NotFound
    stays: Outcome = SUBJECTS[subject].status if command.startswith("time ") else WrongState
    return MOVES[subject].get(command, stays)


def test_the_table_names_only_what_there_is() -> None:
    assert MOVES.keys() == SUBJECTS.keys()
    assert {command for moves in MOVES.values() for command in moves} <= COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_transition(subject: str, command: str) -> None:
    before = SUBJECTS[subject]
    outcome = outcome_of(subject, command)
    if not isinstance(outcome, AssignmentStatus):
        with pytest.raises(outcome):
            COMMANDS[command](before)
        return
    after, facts = COMMANDS[command](before)
    assert after.status is outcome
    assert facts == (() if after is before else (AssignmentChanged(after),))
    assert (after.id, after.worker, after.busy_from, after.busy_until, after.due_fen) == (
        before.id,
        before.worker,
        before.busy_from,
        before.busy_until,
        before.due_fen,
    )


def test_a_status_holds_hours_or_gave_the_seat_back_but_not_both() -> None:
    assert {CONFIRMED, CHECKED_IN} == WORKING
    assert {BY_WORKER, BY_EMPLOYER, NO_SHOW} == VACANT


def test_an_accepted_offer_becomes_a_confirmed_assignment() -> None:
    engaged, facts = assignments.from_offer(offer(OfferStatus.ACCEPTED), GIG, AssignmentId("a7"), NOW)
    assert facts == (AssignmentCreated(engaged),)
    assert (engaged.id, engaged.gig, engaged.offer, engaged.worker) == ("a7", "g1", "o1", "w1")
    assert (engaged.employer, engaged.status, engaged.due_fen) == (EMPLOYER, CONFIRMED, 18_000)
    assert (engaged.busy_from, engaged.busy_until) == (STARTS_AT - seconds(600), ENDS_AT)


def test_piece_work_owes_nothing_fixed_so_any_amount_settles_it() -> None:
    engaged, _ = assignments.from_offer(offer(), gig(wage=Wage(50, WageUnit.PIECE)), AssignmentId("a7"), NOW)
    assert engaged.due_fen is None
    paid, _ = assignments.settle(assignment(COMPLETED, due_fen=None), EMPLOYER, 0, "", ENDS_AT)
    assert paid.paid_fen == 0


@pytest.mark.parametrize(
    ("accepted_at", "leaves_at"),
    [
        (NOW, STARTS_AT - seconds(600)),
        (STARTS_AT - seconds(599), STARTS_AT - seconds(599)),
        (STARTS_AT + seconds(60), STARTS_AT + seconds(60)),
    ],
)
def test_nobody_leaves_before_now(accepted_at: datetime, leaves_at: datetime) -> None:
    assert assignments.leaves_at(STARTS_AT, 600, accepted_at) == leaves_at


@pytest.mark.parametrize("code", ["", "31415", "3141590", "३१४१५९", "藥"])
def test_only_the_sites_code_opens_the_site(code: str) -> None:
    with pytest.raises(WrongCode):
        assignments.check_in(assignment(), WORKER, code, GIG, STARTS_AT, POLICY)


def test_the_day_is_written_down_step_by_step() -> None:
    there, _ = assignments.check_in(assignment(), WORKER, CODE, GIG, STARTS_AT, POLICY)
    assert there.checked_in_at == STARTS_AT
    done, _ = assignments.check_out(there, WORKER, ENDS_AT)
    assert done.checked_out_at == ENDS_AT
    paid, _ = assignments.settle(done, EMPLOYER, 20_000, " 辛苦了 ", ENDS_AT + seconds(60))
    assert (paid.paid_fen, paid.paid_at, paid.paid_reason) == (20_000, ENDS_AT + seconds(60), "辛苦了")
    settled, _ = assignments.confirm(paid, WORKER, ENDS_AT + seconds(90))
    assert (settled.status, settled.settled_at) == (SETTLED, ENDS_AT + seconds(90))


def test_a_contested_wage_is_paid_again_and_confirmed() -> None:
    short, _ = assignments.settle(assignment(COMPLETED), EMPLOYER, 9_000, "来晚了", ENDS_AT)
    contested, _ = assignments.dispute(short, WORKER, " 我准时到的 ")
    assert contested.closed_reason == "我准时到的"
    again, _ = assignments.settle(contested, EMPLOYER, 18_000, "", ENDS_AT)
    assert (again.status, again.paid_fen, again.paid_reason) == (COMPLETED, 18_000, "")
    assert assignments.confirm(again, WORKER, ENDS_AT)[0].status is SETTLED


@pytest.mark.parametrize(("amount_fen", "path"), [(-1, "amount_fen"), (17_999, "reason")])
def test_a_bad_payment_names_its_field(amount_fen: int, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        assignments.settle(assignment(COMPLETED), EMPLOYER, amount_fen, "", ENDS_AT)
    assert [error.path for error in refused.value.errors] == [path]


def test_a_forgotten_check_out_counts_until_the_end() -> None:
    done, _ = assignments.pass_time(assignment(CHECKED_IN), FORGOTTEN_AT, POLICY)
    assert done.checked_out_at == ENDS_AT


def test_whose_coming_was_handed_in_late_has_as_long_to_hand_in_when_he_left() -> None:
    told_at = FORGOTTEN_AT + seconds(3600)
    here = assignment(CHECKED_IN, checked_in_at=STARTS_AT, handed_in_at=told_at)
    forgotten_at = told_at + seconds(POLICY.auto_check_out_s)
    assert assignments.pass_time(here, forgotten_at - MOMENT, POLICY) == (here, ())
    left, _ = assignments.pass_time(here, forgotten_at, POLICY)
    assert (left.status, left.checked_out_at) == (COMPLETED, ENDS_AT)


def test_a_refusal_says_when_to_come_back() -> None:
    with pytest.raises(TooEarly, match=OPENS_AT.isoformat(timespec="seconds").replace("+", r"\+")):
        COMMANDS["check in early"](assignment())
    with pytest.raises(TooEarly, match=MISSED_AT.isoformat(timespec="seconds").replace("+", r"\+")):
        COMMANDS["no-show early"](assignment())


def test_late_is_the_last_word_and_in_time_after_all_takes_it_back() -> None:
    late, _ = assignments.tell_late(assignment(), WORKER, 1200)
    assert late.late_s == 1200
    assert assignments.tell_late(late, WORKER, 0)[0].late_s == 0
    here, _ = assignments.check_in(late, WORKER, CODE, GIG, STARTS_AT, POLICY)
    assert (here.late_s, here.vouched) == (1200, False)


def test_what_the_employer_said_is_told_apart_from_the_code() -> None:
    here, _ = assignments.vouch_in(assignment(), EMPLOYER, GIG, STARTS_AT, POLICY)
    assert (here.checked_in_at, here.vouched) == (STARTS_AT, True)
    own, _ = assignments.check_in(assignment(), WORKER, CODE, GIG, STARTS_AT, POLICY)
    gone, _ = assignments.vouch_out(own, EMPLOYER, ENDS_AT)
    assert (gone.checked_out_at, gone.vouched) == (ENDS_AT, True)
