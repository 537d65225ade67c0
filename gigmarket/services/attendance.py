"""Attendance that a kiosk took down while it had no network."""

from datetime import datetime, timedelta

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.errors import Forbidden, Invalid, NotFound
from gigmarket.domain.ids import AssignmentId
from gigmarket.services import assignments, passes
from gigmarket.services.commands import fingerprint, once
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.kiosks import AttendanceIn

OLDEST = timedelta(hours=24)


def keep(tx: Transaction, rules: Rules, kiosk: Actor, asked: AttendanceIn, key: str | None) -> Answer:
    """Check in or out at the time the kiosk wrote down, at most once for a key; a refusal is remembered too.

    Raises what `commands.once` raises, and without a key Invalid, NotFound, WrongCode, Forbidden and
    whatever refuses the step itself.
    """

    def work() -> Answer:
        at = _moment(tx, asked)
        assignment = _assignment(tx, kiosk, asked, at)
        by = assignment.worker
        if asked.op == "check_in":
            if asked.site_code is None:
                raise Invalid.field("site_code", "is needed to check in")
            done = assignments.check_in(tx, rules, by, assignment.id, asked.site_code, at)
        else:
            done = assignments.check_out(tx, rules, by, assignment.id, at)
        tx.accounts.audit(kiosk, f"assignment.{asked.op} kept offline", assignment.id, tx.now())
        return Answer(200, encode(done))

    return once(tx, kiosk, key, fingerprint("kiosks.attendance", asked), work)


def _moment(tx: Transaction, asked: AttendanceIn) -> datetime:
    now = tx.now()
    if asked.at < now - OLDEST:
        raise Invalid.field("at", "is longer ago than a day: see the clerk")
    # A kiosk's clock may run ahead a little.
    return min(asked.at, now)


def _assignment(tx: Transaction, kiosk: Actor, asked: AttendanceIn, at: datetime) -> Assignment:
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
    wanted = AssignmentStatus.CONFIRMED if asked.op == "check_in" else AssignmentStatus.CHECKED_IN
    mine = tx.assignments.working_of([shown.worker]).get(shown.worker, [])
    fitting = sorted((each for each in mine if each.status is wanted), key=lambda each: each.busy_from)
    if not fitting:
        raise NotFound("there is no assignment to check in to or out of")
    return fitting[0]
