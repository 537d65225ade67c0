"""An assignment: `confirmed → checked_in → completed → settled`, or cancelled, `no_show`, `disputed`."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gigmarket.domain.crew import Together
from gigmarket.domain.errors import Invalid, NotFound, TooEarly, WrongCode, WrongState
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AssignmentId, EmployerId, GigId, OfferId, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.domain.policy import Policy


class AssignmentStatus(StrEnum):
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    SETTLED = "settled"
    DISPUTED = "disputed"
    CANCELLED_BY_WORKER = "cancelled_by_worker"
    CANCELLED_BY_EMPLOYER = "cancelled_by_employer"
    NO_SHOW = "no_show"


WORKING = frozenset({AssignmentStatus.CONFIRMED, AssignmentStatus.CHECKED_IN})
"""The worker's hours are taken: two of these may not overlap."""
VACANT = frozenset(
    {
        AssignmentStatus.CANCELLED_BY_WORKER,
        AssignmentStatus.CANCELLED_BY_EMPLOYER,
        AssignmentStatus.NO_SHOW,
    }
)
"""The seat came back; every other status holds it."""
LATEST_S = 7200
"""Whoever comes later than this does not come."""
HANDED_IN_S = 120
"""A time that the server learns this much later was handed in; a shorter gap of the network is none of it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One worker on one seat. The worker's hours are taken from `busy_from` (leaving home) to `busy_until`.

    `due_fen` is what the gig owes (None for piece work), `paid_fen` what the employer says was paid. `late_s`:
    the worker says he comes so long after the start. `vouched`: the employer said when he came or left, or that
    he never came.
    `together`: the crew he came with, whose leader may check in and out for all. `handed_in_at`: when a time of
    coming or leaving was told that a device without a network had kept; None: all was told at once.
    """

    id: AssignmentId
    gig: GigId
    offer: OfferId
    worker: WorkerId
    employer: EmployerId
    created_at: datetime
    busy_from: datetime
    busy_until: datetime
    travel_s: int
    due_fen: int | None
    status: AssignmentStatus = AssignmentStatus.CONFIRMED
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    paid_fen: int | None = None
    paid_at: datetime | None = None
    paid_reason: str = ""
    settled_at: datetime | None = None
    closed_reason: str = ""
    late_s: int = 0
    vouched: bool = False
    handed_in_at: datetime | None = None
    together: Together | None = None

    @property
    def lasts(self) -> bool:
        """Promised, worked, contested or not paid yet: it stays on screens, however old."""
        if self.status is AssignmentStatus.COMPLETED:
            return self.paid_fen is None
        return self.status in WORKING or self.status is AssignmentStatus.DISPUTED

    def on_site(self) -> tuple[datetime, datetime]:
        """From when until when the worker is at work: as far as it is known, else as promised."""
        begins = self.checked_in_at or self.busy_from + timedelta(seconds=self.travel_s)
        return begins, self.checked_out_at or self.busy_until


@dataclass(frozen=True, slots=True)
class AssignmentCreated:
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class AssignmentChanged:
    assignment: Assignment


AssignmentFact = AssignmentCreated | AssignmentChanged
Changed = tuple[Assignment, tuple[AssignmentFact, ...]]


def from_offer(offer: Offer, gig: Gig, assignment_id: AssignmentId, now: datetime) -> Changed:
    """Engage the worker of an accepted offer, from leaving in time for the start until the end."""
    assignment = Assignment(
        id=assignment_id,
        gig=gig.id,
        offer=offer.id,
        worker=offer.worker,
        employer=gig.employer,
        created_at=now,
        busy_from=leaves_at(gig.draft.starts_at, offer.travel_s, now),
        busy_until=gig.draft.ends_at,
        travel_s=offer.travel_s,
        due_fen=gig.due_fen(),
        together=offer.together,
    )
    return assignment, (AssignmentCreated(assignment),)


def clashes(assignment: Assignment, working: Sequence[Assignment]) -> bool:
    """Whether it takes hours that one of the worker's confirmed or checked-in assignments takes."""
    return any(
        one.busy_from < assignment.busy_until and assignment.busy_from < one.busy_until for one in working
    )


def leaves_at(starts_at: datetime, travel_s: float, now: datetime) -> datetime:
    """When a worker `travel_s` away has to leave for the start: never before now."""
    return max(now, starts_at - timedelta(seconds=travel_s))


def check_in(
    assignment: Assignment,
    by: WorkerId,
    code: str,
    gig: Gig,
    now: datetime,
    policy: Policy,
    told_at: datetime | None = None,
) -> Changed:
    """Arrive on site with the code the employer shows, at `now`, which the market was told at `told_at`.

    Told after the end, it undoes what the clock alone took for a no-show. Raises TooEarly before
    `policy.check_in_opens_s`, WrongCode, WrongState unless confirmed.
    """
    _is_worker(assignment, by)
    if not (was_missed(assignment) and now < assignment.busy_until):
        _needs(assignment, AssignmentStatus.CONFIRMED)
    _opens(gig, now, policy)
    if not hmac.compare_digest(code.encode(), gig.site_code.encode()):
        raise WrongCode("this is not the site's code")
    handed_in_at = _handed_in(assignment, now, told_at)
    return _moved(assignment, AssignmentStatus.CHECKED_IN, checked_in_at=now, handed_in_at=handed_in_at)


def was_missed(assignment: Assignment) -> bool:
    """Whether the clock alone made it a no-show: nobody has said that the worker was not there."""
    return assignment.status is AssignmentStatus.NO_SHOW and not assignment.vouched


def vouch_in(assignment: Assignment, by: EmployerId, gig: Gig, now: datetime, policy: Policy) -> Changed:
    """The employer, or who leads the work for him, says that the worker is here: nobody has to type a code.

    Raises TooEarly before `policy.check_in_opens_s`, WrongState unless confirmed.
    """
    _is_employer(assignment, by)
    _needs(assignment, AssignmentStatus.CONFIRMED)
    _opens(gig, now, policy)
    return _moved(assignment, AssignmentStatus.CHECKED_IN, checked_in_at=now, vouched=True)


def vouch_out(assignment: Assignment, by: EmployerId, now: datetime) -> Changed:
    """The employer says that the worker has left. Raises WrongState unless checked in."""
    _is_employer(assignment, by)
    _needs(assignment, AssignmentStatus.CHECKED_IN)
    return _moved(assignment, AssignmentStatus.COMPLETED, checked_out_at=now, vouched=True)


def tell_late(assignment: Assignment, by: WorkerId, late_s: int) -> Changed:
    """The worker will come this many seconds after the start, 0 for in time after all.

    Nothing else follows: the seat stays his, and a no-show is still for the employer to say. Raises Invalid
    beyond `LATEST_S`, WrongState once he is there.
    """
    _is_worker(assignment, by)
    _needs(assignment, AssignmentStatus.CONFIRMED)
    if not 0 <= late_s <= LATEST_S:
        raise Invalid.field("minutes", f"must be from 0 to {LATEST_S // 60}")
    return _moved(assignment, AssignmentStatus.CONFIRMED, late_s=late_s)


def check_out(assignment: Assignment, by: WorkerId, now: datetime, told_at: datetime | None = None) -> Changed:
    """Leave the site, any time after checking in, as `check_in`. Raises WrongState otherwise."""
    _is_worker(assignment, by)
    _needs(assignment, AssignmentStatus.CHECKED_IN)
    handed_in_at = _handed_in(assignment, now, told_at)
    return _moved(assignment, AssignmentStatus.COMPLETED, checked_out_at=now, handed_in_at=handed_in_at)


def settle(assignment: Assignment, by: EmployerId, amount_fen: int, reason: str, now: datetime) -> Changed:
    """The employer says what was paid (日结). Paying more than is due is fine; less needs a reason.

    After a dispute the same call pays again. Raises WrongState before the work is completed, Invalid
    naming the field. The worker's `confirm` makes it settled.
    """
    _is_employer(assignment, by)
    _needs(assignment, AssignmentStatus.COMPLETED, AssignmentStatus.DISPUTED)
    if amount_fen < 0:
        raise Invalid.field("amount_fen", "must not be negative")
    if assignment.due_fen is not None and amount_fen < assignment.due_fen and not reason.strip():
        raise Invalid.field("reason", f"is needed when less than the {assignment.due_fen} fen due is paid")
    return _moved(
        assignment, AssignmentStatus.COMPLETED, paid_fen=amount_fen, paid_at=now, paid_reason=reason.strip()
    )


def confirm(assignment: Assignment, by: WorkerId, now: datetime) -> Changed:
    """The worker received the money: settled. Raises WrongState before the employer said it was paid."""
    _is_worker(assignment, by)
    _needs(assignment, AssignmentStatus.COMPLETED, AssignmentStatus.DISPUTED)
    if assignment.paid_fen is None:
        raise WrongState("the employer has not recorded a payment yet")
    return _moved(assignment, AssignmentStatus.SETTLED, settled_at=now)


def dispute(assignment: Assignment, by: WorkerId, reason: str) -> Changed:
    """The worker contests the wage of completed work, paid or not. Raises WrongState otherwise."""
    _is_worker(assignment, by)
    _needs(assignment, AssignmentStatus.COMPLETED)
    return _moved(assignment, AssignmentStatus.DISPUTED, closed_reason=reason.strip())


def cancel_by_worker(assignment: Assignment, by: WorkerId, reason: str) -> Changed:
    """The worker can't come: only before checking in. The seat is offered again at once."""
    _is_worker(assignment, by)
    _needs(assignment, AssignmentStatus.CONFIRMED)
    return _moved(assignment, AssignmentStatus.CANCELLED_BY_WORKER, closed_reason=reason.strip())


def cancel_by_employer(assignment: Assignment, by: EmployerId, reason: str) -> Changed:
    """The employer calls this worker off: only before check-in."""
    _is_employer(assignment, by)
    _needs(assignment, AssignmentStatus.CONFIRMED)
    return _moved(assignment, AssignmentStatus.CANCELLED_BY_EMPLOYER, closed_reason=reason.strip())


def report_no_show(assignment: Assignment, by: EmployerId, gig: Gig, now: datetime, policy: Policy) -> Changed:
    """The worker never came; said of one whom the clock has given up already, too, before he says otherwise.
    Raises TooEarly until `policy.no_show_opens_s` after the start.
    """
    _is_employer(assignment, by)
    if not was_missed(assignment):
        _needs(assignment, AssignmentStatus.CONFIRMED)
    opens_at = gig.draft.starts_at + timedelta(seconds=policy.no_show_opens_s)
    if now < opens_at:
        raise TooEarly(f"a no-show can be reported from {opens_at.isoformat(timespec='seconds')}")
    return _moved(assignment, AssignmentStatus.NO_SHOW, vouched=True)


def pass_time(assignment: Assignment, now: datetime, policy: Policy) -> Changed:
    """What the clock alone does: after the end, who never checked in is a no-show, and who forgot to
    check out is checked out as of the end: so long after it, or after his coming was handed in.
    """
    if assignment.status is AssignmentStatus.CONFIRMED and now >= assignment.busy_until:
        return _moved(assignment, AssignmentStatus.NO_SHOW)
    told_at = assignment.handed_in_at or assignment.busy_until
    forgotten = max(assignment.busy_until, told_at) + timedelta(seconds=policy.auto_check_out_s)
    if assignment.status is AssignmentStatus.CHECKED_IN and now >= forgotten:
        return _moved(assignment, AssignmentStatus.COMPLETED, checked_out_at=assignment.busy_until)
    return assignment, ()


def _moved(assignment: Assignment, status: AssignmentStatus, **changes: object) -> Changed:
    moved = replace(assignment, status=status, **changes)  # type: ignore[arg-type]
    return moved, (AssignmentChanged(moved),)


def _handed_in(assignment: Assignment, now: datetime, told_at: datetime | None) -> datetime | None:
    later = told_at is not None and told_at - now >= timedelta(seconds=HANDED_IN_S)
    return told_at if later else assignment.handed_in_at


def _opens(gig: Gig, now: datetime, policy: Policy) -> None:
    """Raises TooEarly while nobody can be checked in yet."""
    opens_at = gig.draft.starts_at - timedelta(seconds=policy.check_in_opens_s)
    if now < opens_at:
        raise TooEarly(f"check-in opens at {opens_at.isoformat(timespec='seconds')}")


def _is_worker(assignment: Assignment, by: WorkerId) -> None:
    if assignment.worker != by:
        raise NotFound("no such assignment")


def _is_employer(assignment: Assignment, by: EmployerId) -> None:
    if assignment.employer != by:
        raise NotFound("no such assignment")


def _needs(assignment: Assignment, *statuses: AssignmentStatus) -> None:
    if assignment.status not in statuses:
        raise WrongState(f"the assignment is {assignment.status}")
