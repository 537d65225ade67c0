"""Attendance that a kiosk took down while it had no network."""

from datetime import datetime, timedelta

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentStatus, was_missed
from gigmarket.domain.errors import (
    CheckedInAlready,
    Forbidden,
    Invalid,
    NotCheckedIn,
    NotFound,
    Refusal,
    WrongState,
)
from gigmarket.domain.ids import AssignmentId, WorkerId
from gigmarket.services import assignments, passes
from gigmarket.services.commands import fingerprint, once
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.kiosks import AttendanceIn
from gigmarket.wire.work import AssignmentAnswer

_RECENT = 20
"""A worker's newest assignments that are looked through: more than anybody has in the day that counts."""


def keep(tx: Transaction, rules: Rules, kiosk: Actor, asked: AttendanceIn, key: str | None) -> Answer:
    """Check in or out at the time the kiosk wrote down, at most once for a key; a refusal is remembered too.

    Raises what `commands.once` raises, and without a key Invalid, NotFound, WrongCode, Forbidden and
    whatever refuses the step itself. Who reads the refusal comes by hours later: NotCheckedIn and
    CheckedInAlready tell a gig that stands from one that is cancelled or over, which WrongState is for.
    """

    def work() -> Answer:
        at = assignments.moment(tx, asked.at) or tx.now()
        assignment = _assignment(tx, rules, kiosk, asked, at)
        if asked.op == "check_in" and asked.site_code is None:
            raise Invalid.field("site_code", "is needed to check in")
        try:
            done = _step(tx, rules, kiosk, asked, assignment, at)
        except WrongState as refused:
            raise _told(asked, assignment.status) or refused from None
        tx.accounts.audit(kiosk, f"assignment.{asked.op} kept offline", assignment.id, tx.now())
        return Answer(200, encode(done))

    return once(tx, kiosk, key, fingerprint("kiosks.attendance", asked), work)


def _step(
    tx: Transaction, rules: Rules, kiosk: Actor, asked: AttendanceIn, held: Assignment, at: datetime
) -> AssignmentAnswer:
    code = asked.site_code or ""
    if asked.crew and asked.op == "check_in":
        return assignments.check_in_crew(tx, rules, held.worker, kiosk, held.id, code, at)
    if asked.crew:
        return assignments.check_out_crew(tx, rules, held.worker, kiosk, held.id, at)
    if asked.op == "check_in":
        return assignments.check_in(tx, rules, held.worker, held.id, code, at)
    return assignments.check_out(tx, rules, held.worker, held.id, at)


def _assignment(tx: Transaction, rules: Rules, kiosk: Actor, asked: AttendanceIn, at: datetime) -> Assignment:
    if (asked.code is None) == (asked.assignment_id is None):
        raise Invalid.field("code", "send either the code of a pass or an assignment")
    if asked.assignment_id is not None:
        found = tx.assignments.get(AssignmentId(asked.assignment_id))
        if not tx.kiosks.was_here(found.worker, kiosk.account, at):
            raise Forbidden("this worker was not identified at this kiosk then")
        return found
    shown = passes.read(tx, asked.code or "")
    if shown.assignment is not None:
        return tx.assignments.get(shown.assignment)
    if asked.op == "check_in" and (there := _where(tx, rules, shown.worker, asked, at)):
        return there
    wanted = AssignmentStatus.CONFIRMED if asked.op == "check_in" else AssignmentStatus.CHECKED_IN
    mine = tx.assignments.working_of([shown.worker]).get(shown.worker, [])
    fitting = [each for each in mine if each.status is wanted]
    if not fitting:
        other = _told(asked, mine[0].status) if mine else None
        raise other or NotFound("there is no assignment to check in to or out of")
    return min(fitting, key=lambda each: each.busy_from)


def _where(
    tx: Transaction, rules: Rules, worker: WorkerId, asked: AttendanceIn, at: datetime
) -> Assignment | None:
    """To what the worker came at this moment: of what could be checked in to then, and was not, that with this
    site's code, or the earliest. The end may have passed before the kiosk had a network again.
    """
    recent = tx.assignments.of_worker(worker, None, _RECENT)
    open_ = [each for each in recent if each.status is AssignmentStatus.CONFIRMED or was_missed(each)]
    gigs = tx.gigs.get_many([each.gig for each in open_])
    early = timedelta(seconds=rules.policy.check_in_opens_s)
    then = [each for each in open_ if gigs[each.gig].draft.starts_at - early <= at < each.busy_until]
    then.sort(key=lambda each: (gigs[each.gig].site_code != asked.site_code, each.busy_from))
    return then[0] if then else None


def _told(asked: AttendanceIn, status: AssignmentStatus) -> Refusal | None:
    """Why this step does not fit a gig that stands; None for one that does not."""
    if asked.op == "check_out" and status is AssignmentStatus.CONFIRMED:
        return NotCheckedIn("the worker is not checked in yet")
    if asked.op == "check_in" and status is AssignmentStatus.CHECKED_IN:
        return CheckedInAlready("the worker is checked in already")
    return None
