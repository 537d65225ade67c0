"""Tickets and wallet cards: signed codes that identify a worker at any kiosk. Each is one transaction."""

import hmac
from dataclasses import replace
from datetime import timedelta

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, NotFound, WrongCode
from gigmarket.domain.grant import Grant, PassKind
from gigmarket.domain.ids import AccountId, AssignmentId, Role, WorkerId, new_id
from gigmarket.services import accounts
from gigmarket.services.credentials import signature
from gigmarket.services.rules import Rules
from gigmarket.store.passes import Pass
from gigmarket.store.transaction import Transaction
from gigmarket.wire.kiosks import GuestView, PassView, RevokedView

MARK = "GM1"
TICKET_AFTER_END = timedelta(days=30)
"""A ticket confirms the pay too, and that may come later."""


def ticket(tx: Transaction, rules: Rules, actor: Actor, assignment_id: AssignmentId) -> PassView:
    """The ticket of one's own assignment; printed again it is the same one. Raises NotFound, Forbidden."""
    worker = actor.worker()
    if actor.grant is not None and actor.grant.kind is PassKind.TICKET:
        earlier = actor.grant.assignment == assignment_id
        if not earlier and not _accepted_since(tx, actor.grant, assignment_id):
            raise Forbidden("this ticket is for another assignment")
    assignment = tx.assignments.get(assignment_id)
    if assignment.worker != worker:
        raise NotFound("no such assignment")
    # Held, so that two screens at once print the same.
    tx.workers.lock(worker)
    for made in tx.passes.valid_of(worker, PassKind.TICKET):
        if made.assignment == assignment_id:
            return _view(tx, made)
    expires_at = assignment.busy_until + TICKET_AFTER_END
    made = _new(tx, rules, actor, worker, PassKind.TICKET)
    made = replace(made, assignment=assignment_id, expires_at=expires_at)
    tx.passes.add(made)
    tx.accounts.audit(actor, "pass.ticket", assignment_id, tx.now())
    return _view(tx, made)


def card(tx: Transaction, rules: Rules, clerk: Actor, phone: str) -> PassView:
    """A wallet card, printed by a clerk; an earlier one of the worker is no longer good. Raises NotFound."""
    # Held, so that of two desks at once the later revokes what the earlier printed.
    worker = tx.workers.lock(_worker(tx, phone)).id
    _revoke(tx, worker, PassKind.CARD)
    made = _new(tx, rules, clerk, worker, PassKind.CARD)
    tx.passes.add(made)
    tx.accounts.audit(clerk, "pass.card", worker, tx.now())
    return _view(tx, made)


def revoke_all(tx: Transaction, clerk: Actor, phone: str) -> RevokedView:
    """A lost card: all papers of a worker end, and the sessions that they opened. Raises NotFound."""
    worker = _worker(tx, phone)
    revoked = sum(_revoke(tx, worker, kind) for kind in PassKind)
    tx.accounts.audit(clerk, "pass.revoke", worker, tx.now())
    return RevokedView(revoked=revoked)


def scan(tx: Transaction, rules: Rules, kiosk: Actor, code: str) -> GuestView:
    """A short session at this kiosk for exactly what the paper allows. Raises WrongCode for one that is
    forged, over or revoked.
    """
    station = kiosk.at_station()
    found = read(tx, code)
    grant = Grant(found.id, found.kind, found.assignment)
    tx.accounts.audit(kiosk, f"kiosk.{found.kind}", found.worker, tx.now())
    account = tx.accounts.get(AccountId(found.worker))
    session = accounts.open_session(tx, rules, account, accounts.AT_KIOSK, station, kiosk.account, grant)
    return GuestView(**session.model_dump(), kind=found.kind, assignment_id=found.assignment)


def read(tx: Transaction, code: str) -> Pass:
    """The pass behind a scanned code. Raises WrongCode."""
    mark, _, rest = code.upper().partition(".")
    pass_id, _, signed = rest.partition(".")
    found = tx.passes.get(pass_id.lower()) if mark == MARK else None
    # Compared whether there is such a pass or not.
    wanted = _signature(tx, found) if found else "-"
    matches = hmac.compare_digest(signed.encode(), wanted.encode())
    if found is None or not matches or found.revoked_at is not None:
        raise WrongCode("this ticket or card is not valid")
    if found.expires_at is not None and tx.now() >= found.expires_at:
        raise WrongCode("this ticket has run out")
    return found


def _accepted_since(tx: Transaction, grant: Grant, assignment_id: AssignmentId) -> bool:
    """Whether an assignment is newer than the ticket: its bearer accepted it with the ticket."""
    made = tx.passes.get(grant.id)
    return made is not None and tx.assignments.get(assignment_id).created_at >= made.created_at


def _new(tx: Transaction, rules: Rules, actor: Actor, worker: WorkerId, kind: PassKind) -> Pass:
    now = tx.now()
    return Pass(new_id(now, rules.rng), worker, kind, None, actor.account, now, None)


def _revoke(tx: Transaction, worker: WorkerId, kind: PassKind) -> int:
    valid = tx.passes.valid_of(worker, kind)
    if valid:
        tx.passes.revoke([each.id for each in valid], tx.now())
    return len(valid)


def _worker(tx: Transaction, phone: str) -> WorkerId:
    account = tx.accounts.by_phone(Role.WORKER, phone)
    if account is None:
        raise NotFound("no worker has this number")
    return WorkerId(account.id)


def _signature(tx: Transaction, made: Pass) -> str:
    ends = made.expires_at.isoformat() if made.expires_at else ""
    return signature(tx.passes.key(), made.id, made.worker, made.kind, made.assignment or "", ends)


def _view(tx: Transaction, made: Pass) -> PassView:
    return PassView(
        id=made.id,
        kind=made.kind,
        code=f"{MARK}.{made.id.upper()}.{_signature(tx, made)}",
        worker=tx.accounts.get(AccountId(made.worker)).name,
        created_at=made.created_at,
        expires_at=made.expires_at,
    )
