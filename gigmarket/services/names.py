"""Renaming: a new name reaches every screen on which the old one stands, in the same transaction."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import (
    AccountId,
    GigId,
    Principal,
    WorkerId,
    employer_principal,
    station_principal,
    worker_principal,
)
from gigmarket.services import crew_views
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import AccountEvent, Renamed, RenamedEvent
from gigmarket.wire.people import AccountView
from gigmarket.wire.values import masked


def rename_worker(tx: Transaction, worker: WorkerId, name: str) -> None:
    """A worker's new name: whole to the employers of their assignments, masked where an offer is pending.

    The worker's own profile and the hall's board are told by the caller, with what else changed.
    """
    tx.accounts.rename(AccountId(worker), name)
    for employer, assignments in tx.assignments.with_employers(worker).items():
        _tell(tx, employer_principal(employer), Renamed(name=name, assignments=tuple(assignments)))
    crew = tx.workers.get(worker).crew
    if crew is not None:
        crew_views.tell(tx, crew)
    offer = tx.offers.pending_of([worker]).get(worker)
    if offer is not None:
        seat = Renamed(name=masked(name), offers=(offer.id,))
        _tell(tx, employer_principal(offer.employer), seat)
        if offer.station is not None:
            _tell(tx, station_principal(offer.station), seat)


def rename_employer(tx: Transaction, actor: Actor, name: str) -> AccountView:
    """An employer's new name: to themselves, and to every worker with a card of theirs."""
    employer = actor.employer()
    tx.accounts.rename(actor.account, name)
    account = AccountView(id=actor.account, role=actor.role, name=name, station_id=actor.station)
    tx.tell(employer_principal(employer), "me.updated", encode(AccountEvent(me=account)))
    cards: dict[WorkerId, set[GigId]] = tx.assignments.gigs_of_workers(employer)
    for offer in tx.offers.pending_of_employer(employer):
        cards.setdefault(offer.worker, set()).add(offer.gig)
    for worker, gigs in sorted(cards.items()):
        _tell(tx, worker_principal(worker), Renamed(name=name, gigs=tuple(sorted(gigs))))
    return account


def _tell(tx: Transaction, principal: Principal, renamed: Renamed) -> None:
    tx.tell(principal, "person.renamed", encode(RenamedEvent(person=renamed)))
