"""Accounts on a desk: found, called, kept out and let in again. Each function is one transaction, audited."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, NotFound
from gigmarket.domain.ids import AccountId, EmployerId, Role, WorkerId
from gigmarket.services import gigs, presence
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import DeskAccountView, FindAccountIn, RevealedView, RevealIn, SuspensionIn
from gigmarket.wire.values import masked


def find(tx: Transaction, actor: Actor, asked: FindAccountIn) -> DeskAccountView:
    """The account of a number in one role. Raises NotFound; Forbidden for a clerk who looks for anything but a
    worker.
    """
    if actor.role is Role.CLERK and asked.role is not Role.WORKER:
        raise Forbidden("a clerk looks up workers only")
    account = tx.accounts.by_phone(asked.role, asked.phone)
    if account is None:
        raise NotFound("no account with this number in this role")
    tx.accounts.audit(actor, "account.find", account.id, tx.now())
    return _view(account)


def reveal(tx: Transaction, actor: Actor, account_id: AccountId, asked: RevealIn) -> RevealedView:
    """A worker's or an employer's name and number, for a call. Raises NotFound."""
    account = tx.accounts.get(account_id)
    if account.role not in (Role.WORKER, Role.EMPLOYER):
        raise NotFound("no such account")
    tx.accounts.audit(actor, f"account.reveal {asked.reason}", account_id, tx.now())
    return RevealedView(name=account.name, phone=account.phone)


def suspend(
    tx: Transaction, rules: Rules, actor: Actor, account_id: AccountId, asked: SuspensionIn
) -> tuple[DeskAccountView, list[str]]:
    """Keep an account out until it is restored, and end every session it has or has opened for others.

    A worker goes offline; an employer's gigs that have not begun are called off. Returns also the sessions that
    a kiosk had opened for workers. Raises NotFound; Forbidden for one's own account.
    """
    if account_id == actor.account:
        raise Forbidden("nobody suspends themselves: ask a colleague")
    account, now = tx.accounts.lock(account_id), tx.now()
    guests = tx.accounts.sessions_via(account_id, now)
    if account.suspended_at is None:
        tx.accounts.suspend(account_id, now)
        if account.role is Role.WORKER:
            presence.go_offline(tx, WorkerId(account_id))
        elif account.role is Role.EMPLOYER:
            _call_off(tx, rules, EmployerId(account_id))
    tx.accounts.revoke_sessions_of(account_id, now)
    tx.accounts.audit(actor, f"account.suspend {asked.reason}", account_id, now)
    return _view(tx.accounts.get(account_id)), guests


def restore(tx: Transaction, actor: Actor, account_id: AccountId, asked: SuspensionIn) -> DeskAccountView:
    """Let an account in again; it logs in anew. Raises NotFound."""
    tx.accounts.lock(account_id)
    tx.accounts.suspend(account_id, None)
    tx.accounts.audit(actor, f"account.restore {asked.reason}", account_id, tx.now())
    return _view(tx.accounts.get(account_id))


def _call_off(tx: Transaction, rules: Rules, employer: EmployerId) -> None:
    for gig in tx.gigs.not_begun(employer):
        gigs.cancel(tx, rules, employer, gig)


def _view(account: Account) -> DeskAccountView:
    name = masked(account.name) if account.role is Role.WORKER else account.name
    return DeskAccountView(
        id=account.id,
        role=account.role,
        name=name,
        station_id=account.station,
        suspended_at=account.suspended_at,
    )
