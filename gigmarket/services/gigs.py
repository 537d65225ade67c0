"""Posting gigs, calling them off, and what the clock does to them. Each function is one transaction."""

from gigmarket.domain import assignment as assignments
from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.errors import NotFound
from gigmarket.domain.facts import Fact
from gigmarket.domain.gig import Draft
from gigmarket.domain.ids import AccountId, EmployerId, GigId, Role, new_id, new_site_code
from gigmarket.services.accounts import refuse_suspended
from gigmarket.services.feeds import announce, person
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.transaction import Transaction
from gigmarket.wire.gigs import GigView
from gigmarket.wire.values import masked
from gigmarket.wire.work import AssignmentView, GigAnswer, GigDetail, PersonView, SeatOfferView


def post(tx: Transaction, rules: Rules, by: EmployerId, draft: Draft) -> GigDetail:
    """Publish at once; dispatch follows. Raises Invalid naming the fields, Unauthenticated for a suspended
    account.
    """
    refuse_suspended(tx, AccountId(by))
    now = tx.now()
    gig_id = GigId(new_id(now, rules.rng))
    gig, facts = gigs.post(draft, gig_id, by, new_site_code(rules.rng), now, rules.policy)
    tx.gigs.add(gig)
    announce(tx, facts)
    return GigDetail(**GigView.of(gig).model_dump(), assignments=[], offers=[])


def cancel(tx: Transaction, rules: Rules, by: EmployerId, gig_id: GigId) -> GigAnswer:
    """Call the gig off: pending offers are withdrawn, workers not yet on site are told.

    Who has checked in stays checked in and is owed the wage. Raises NotFound, GigClosed.
    """
    gig = tx.gigs.lock(gig_id)
    gig, facts = gigs.cancel(gig, by)
    told: list[Fact] = list(facts)
    for pending in tx.offers.pending_on(gig_id):
        withdrawn, offer_facts = offers.withdraw(pending, tx.now())
        tx.offers.save(withdrawn)
        told.extend(offer_facts)
    for assignment in tx.assignments.of_gig(gig_id):
        if assignment.status is AssignmentStatus.CONFIRMED:
            closed, changes = assignments.cancel_by_employer(assignment, by, "")
            tx.assignments.save(closed)
            told.extend(changes)
            gig, _ = gigs.reopen(gig, tx.now(), rules.policy)
    tx.gigs.save(gig)
    # One event with the gig as it ends up, instead of one per seat.
    announce(tx, [gigs.GigChanged(gig), *told[1:]], [gig])
    return GigAnswer(gig=GigView.of(gig))


def detail(tx: Transaction, actor: Actor, gig_id: GigId) -> GigDetail:
    """A gig with its people: for its employer, and for staff by masked name, since these see names for a reason
    that is kept (`suspensions.reveal`). Raises NotFound for anyone else.
    """
    gig = tx.gigs.get(gig_id)
    if actor.role is not Role.STAFF and not (actor.role is Role.EMPLOYER and gig.employer == actor.employer()):
        raise NotFound("no such gig")
    found = tx.assignments.of_gig(gig_id)
    pending = tx.offers.pending_on(gig_id)
    people = tx.accounts.get_many([*(a.worker for a in found), *(o.worker for o in pending)])
    return GigDetail(
        **GigView.of(gig).model_dump(),
        assignments=[
            AssignmentView.of(assignment, _person(actor, assignment, people[assignment.worker]))
            for assignment in found
        ],
        offers=[SeatOfferView.of(offer, people[offer.worker].name) for offer in pending],
    )


def _person(actor: Actor, assignment: Assignment, account: Account) -> PersonView:
    if actor.role is Role.STAFF:
        return PersonView(name=masked(account.name))
    return person(assignment, account)


def pass_time_due(tx: Transaction, rules: Rules, limit: int = 200) -> int:
    """Stop recruiting, begin and complete gigs as their hours pass; returns how many changed."""
    changed = 0
    for gig_id in sorted(tx.gigs.due(tx.now(), limit)):
        gig = tx.gigs.lock(gig_id)
        gig, facts = gigs.pass_time(gig, tx.assignments.working_on(gig_id), tx.now())
        if facts:
            tx.gigs.save(gig)
            announce(tx, facts, [gig])
            changed += 1
    return changed
