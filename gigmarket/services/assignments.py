"""From acceptance to the paid wage. Each function is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gigmarket.domain import assignment as assignments
from gigmarket.domain import gig as gigs
from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import VACANT, Assignment, AssignmentChanged, AssignmentStatus, Changed
from gigmarket.domain.errors import Forbidden, Invalid, NotFound
from gigmarket.domain.facts import Fact
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AssignmentId, EmployerId, GigId, Role, WorkerId
from gigmarket.services.fairness import count_work
from gigmarket.services.feeds import People, announce
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.work import AssignmentAnswer, AssignmentView, Payment, SettledAnswer

Step = Callable[[Assignment, Gig], Changed]

OLDEST = timedelta(hours=24)


def moment(tx: Transaction, said: datetime | None) -> datetime | None:
    """When a device that had no network wrote a step down, never later than now; None: nothing was said.

    Raises Invalid for what is longer ago than a day.
    """
    if said is None:
        return None
    now = tx.now()
    if said < now - OLDEST:
        raise Invalid.field("at", "is longer ago than a day: see the clerk")
    # A device's clock may run ahead a little.
    return min(said, now)


def check_in(
    tx: Transaction,
    rules: Rules,
    by: WorkerId,
    assignment_id: AssignmentId,
    code: str,
    at: datetime | None = None,
) -> AssignmentAnswer:
    """Arrive on site, now or `at` a time past. Raises TooEarly, WrongCode, WrongState, NotFound."""

    def step(assignment: Assignment, gig: Gig) -> Changed:
        return _arrive(tx, rules, assignment, gig, by, code, at)

    return _change(tx, rules, (Role.WORKER, by), assignment_id, step)


def check_out(
    tx: Transaction, rules: Rules, by: WorkerId, assignment_id: AssignmentId, at: datetime | None = None
) -> AssignmentAnswer:
    """Leave the site, now or `at` a time past, not before arriving. Raises WrongState, NotFound."""

    def step(assignment: Assignment, _: Gig) -> Changed:
        return _leave(tx, assignment, by, at)

    return _change(tx, rules, (Role.WORKER, by), assignment_id, step)


def check_in_crew(
    tx: Transaction,
    rules: Rules,
    by: WorkerId,
    actor: Actor,
    assignment_id: AssignmentId,
    code: str,
    at: datetime | None = None,
) -> AssignmentAnswer:
    """The leader arrives with all of the crew who are not there yet, now or `at` a time past; `actor` is kept
    in the audit. Raises Forbidden for everybody else, and as `check_in`.
    """

    def step(assignment: Assignment, gig: Gig) -> Changed:
        return _arrive(tx, rules, assignment, gig, assignment.worker, code, at)

    return _with_crew(tx, rules, (by, actor), assignment_id, step, _may_come, "crew.check_in")


def check_out_crew(
    tx: Transaction,
    rules: Rules,
    by: WorkerId,
    actor: Actor,
    assignment_id: AssignmentId,
    at: datetime | None = None,
) -> AssignmentAnswer:
    """The leader leaves with all of the crew who are still there, now or `at` a time past; `actor` is kept in
    the audit. Raises Forbidden for everybody else, and as `check_out`.
    """

    def step(assignment: Assignment, _: Gig) -> Changed:
        return _leave(tx, assignment, assignment.worker, at)

    return _with_crew(tx, rules, (by, actor), assignment_id, step, _is_there, "crew.check_out")


def _may_come(held: Assignment) -> bool:
    return held.status is AssignmentStatus.CONFIRMED or assignments.was_missed(held)


def _is_there(held: Assignment) -> bool:
    return held.status is AssignmentStatus.CHECKED_IN


def _arrive(
    tx: Transaction, rules: Rules, held: Assignment, gig: Gig, who: WorkerId, code: str, at: datetime | None
) -> Changed:
    # Nobody comes to a gig before it was theirs.
    came = max(at, held.created_at) if at else tx.now()
    return assignments.check_in(held, who, code, gig, came, rules.policy, told_at=tx.now())


def _leave(tx: Transaction, held: Assignment, who: WorkerId, at: datetime | None) -> Changed:
    left = at or tx.now()
    return assignments.check_out(held, who, max(left, held.checked_in_at or left), told_at=tx.now())


def confirm(tx: Transaction, rules: Rules, by: WorkerId, assignment_id: AssignmentId) -> AssignmentAnswer:
    """The money arrived. Raises WrongState before a payment was recorded, NotFound."""
    return _change(
        tx, rules, (Role.WORKER, by), assignment_id, lambda a, _: assignments.confirm(a, by, tx.now())
    )


def dispute(
    tx: Transaction, rules: Rules, by: WorkerId, assignment_id: AssignmentId, reason: str
) -> AssignmentAnswer:
    """Contest the wage. Raises WrongState, NotFound."""
    return _change(tx, rules, (Role.WORKER, by), assignment_id, lambda a, _: assignments.dispute(a, by, reason))


def settle(
    tx: Transaction, rules: Rules, by: EmployerId, assignment_id: AssignmentId, amount_fen: int, reason: str
) -> AssignmentAnswer:
    """Record what was paid. Raises Invalid, WrongState, NotFound."""

    def step(assignment: Assignment, _: Gig) -> Changed:
        return assignments.settle(assignment, by, amount_fen, reason, tx.now())

    return _change(tx, rules, (Role.EMPLOYER, by), assignment_id, step)


def tell_late(
    tx: Transaction, rules: Rules, by: WorkerId, assignment_id: AssignmentId, late_s: int
) -> AssignmentAnswer:
    """The worker comes late. Raises Invalid, WrongState, NotFound."""
    return _change(
        tx, rules, (Role.WORKER, by), assignment_id, lambda a, _: assignments.tell_late(a, by, late_s)
    )


def vouch(
    tx: Transaction, rules: Rules, actor: Actor, assignment_id: AssignmentId, here: bool
) -> AssignmentAnswer:
    """The employer says who came, or left; kept in the audit. Raises TooEarly, WrongState, NotFound."""
    by = actor.employer()

    def step(assignment: Assignment, gig: Gig) -> Changed:
        if here:
            return assignments.vouch_in(assignment, by, gig, tx.now(), rules.policy)
        return assignments.vouch_out(assignment, by, tx.now())

    answer = _change(tx, rules, (Role.EMPLOYER, by), assignment_id, step)
    tx.accounts.audit(actor, f"assignment.vouch {'here' if here else 'left'}", assignment_id, tx.now())
    return answer


def settle_many(
    tx: Transaction, rules: Rules, by: EmployerId, gig_id: GigId, payments: Sequence[Payment]
) -> SettledAnswer:
    """Record what several people of one gig were paid: all of it or, with the first refusal, nothing.

    Raises Invalid, WrongState, NotFound.
    """
    gig = tx.gigs.lock(gig_id)
    if gig.employer != by:
        raise NotFound("no such gig")
    settled: list[Assignment] = []
    facts: list[Fact] = []
    for payment in payments:
        found = tx.assignments.get(AssignmentId(payment.assignment_id))
        if found.gig != gig_id:
            raise NotFound("no such assignment")
        after, told = assignments.settle(found, by, payment.amount_fen, payment.reason, tx.now())
        tx.assignments.save(after)
        settled.append(after)
        facts.extend(told)
    people = announce(tx, facts, [gig])
    return SettledAnswer(assignments=[AssignmentView.of(each, people.person(each)) for each in settled])


def report_no_show(
    tx: Transaction, rules: Rules, by: EmployerId, assignment_id: AssignmentId
) -> AssignmentAnswer:
    """The worker never came: the seat is offered again. Raises TooEarly, WrongState, NotFound."""

    def step(assignment: Assignment, gig: Gig) -> Changed:
        return assignments.report_no_show(assignment, by, gig, tx.now(), rules.policy)

    return _change(tx, rules, (Role.EMPLOYER, by), assignment_id, step)


def cancel(
    tx: Transaction, rules: Rules, actor: Actor, assignment_id: AssignmentId, reason: str
) -> AssignmentAnswer:
    """Either side calls it off before check-in. Raises WrongState, NotFound."""

    def step(assignment: Assignment, _: Gig) -> Changed:
        if actor.role is Role.WORKER:
            return assignments.cancel_by_worker(assignment, actor.worker(), reason)
        return assignments.cancel_by_employer(assignment, actor.employer(), reason)

    return _change(tx, rules, (actor.role, actor.account), assignment_id, step)


def pass_time_due(tx: Transaction, rules: Rules, limit: int = 200) -> int:
    """Close assignments whose hours are over; returns how many changed."""
    by_gig: dict[GigId, list[AssignmentId]] = {}
    for assignment in tx.assignments.due(tx.now(), limit, rules.policy.auto_check_out_s):
        if assignments.pass_time(assignment, tx.now(), rules.policy)[1]:
            by_gig.setdefault(assignment.gig, []).append(assignment.id)
    changed = 0
    for gig in tx.gigs.lock_many(list(by_gig)).values():
        changed += _pass_time(tx, rules, gig, by_gig[gig.id])
    return changed


def _pass_time(tx: Transaction, rules: Rules, gig: Gig, due: list[AssignmentId]) -> int:
    after, facts = gig, list[Fact]()
    changed = 0
    for assignment_id in due:
        before = tx.assignments.get(assignment_id)
        assignment, told = assignments.pass_time(before, tx.now(), rules.policy)
        if told:
            tx.assignments.save(assignment)
            count_work(tx, assignment)
            after, gig_facts = _seat_after(tx, rules, before, assignment, after)
            facts.extend((*told, *gig_facts))
            changed += 1
    tx.gigs.save(after)
    announce(tx, facts, [after])
    return changed


def _with_crew(
    tx: Transaction,
    rules: Rules,
    who: tuple[WorkerId, Actor],
    assignment_id: AssignmentId,
    step: Step,
    before: Callable[[Assignment], bool],
    what: str,
) -> AssignmentAnswer:
    """One step for all of a crew who have it `before` them, the leader among them or ahead of them."""
    by, actor = who
    mine = tx.assignments.get(assignment_id)
    if mine.worker != by:
        raise NotFound("no such assignment")
    crew = mine.together
    if crew is None or crew.leader != by:
        raise Forbidden("that is for the leader of the crew")
    gig = tx.gigs.lock(mine.gig)
    mates = [
        one
        for one in tx.assignments.of_gig(mine.gig)
        if one.worker != by and one.together is not None and one.together.crew == crew.crew and before(one)
    ]
    mine = tx.assignments.get(assignment_id)
    if before(mine) or not mates:
        answer = _change(tx, rules, (Role.WORKER, by), assignment_id, step)
    else:
        people = People(tx, [AssignmentChanged(mine)], [gig])
        answer = _answer(people, mine)
    for mate in mates:
        _change(tx, rules, (Role.WORKER, mate.worker), mate.id, step)
        tx.accounts.audit(actor, what, mate.id, tx.now())
    return answer


def _change(
    tx: Transaction, rules: Rules, party: tuple[Role, str], assignment_id: AssignmentId, step: Step
) -> AssignmentAnswer:
    """One step under the gig's lock; another's assignment is not found, whatever its state."""
    found = tx.assignments.get(assignment_id)
    role, account = party
    if account != (found.worker if role is Role.WORKER else found.employer):
        raise NotFound("no such assignment")
    gig = tx.gigs.lock(found.gig)
    before = tx.assignments.get(assignment_id)
    assignment, facts = step(before, gig)
    tx.assignments.save(assignment)
    gig, gig_facts = _seat_after(tx, rules, before, assignment, gig)
    tx.gigs.save(gig)
    people = announce(tx, (*facts, *gig_facts), [gig])
    if before.status is AssignmentStatus.CHECKED_IN:
        count_work(tx, assignment)
    return _answer(people, assignment, for_worker=role is Role.WORKER)


def _answer(people: People, assignment: Assignment, for_worker: bool = True) -> AssignmentAnswer:
    card = people.card(assignment.gig, accepted=True) if for_worker else None
    return AssignmentAnswer(assignment=AssignmentView.of(assignment, people.person(assignment), card))


def _seat_after(
    tx: Transaction, rules: Rules, before: Assignment, assignment: Assignment, gig: Gig
) -> tuple[Gig, tuple[gigs.GigFact, ...]]:
    """What an assignment's step means for its gig: a seat comes back, is held again, work begins, or all of it
    is done.
    """
    facts: tuple[gigs.GigFact, ...] = ()
    if before.status in VACANT:
        if assignment.status not in VACANT:
            gig, facts = gigs.retake(gig)
    elif assignment.status in VACANT:
        gig, facts = gigs.reopen(gig, tx.now(), rules.policy)
    elif assignment.status is AssignmentStatus.CHECKED_IN:
        gig, facts = gigs.first_check_in(gig)
    gig, later = gigs.pass_time(gig, tx.assignments.working_on(gig.id), tx.now())
    # The later value tells everything the earlier one would have.
    return gig, later or facts
