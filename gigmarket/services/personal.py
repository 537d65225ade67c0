"""What a person may ask for under 个人信息保护法: what is kept about him (article 45), to be forgotten (47)."""

from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound, WrongState
from gigmarket.domain.grant import PassKind
from gigmarket.domain.ids import Role
from gigmarket.services import crews
from gigmarket.services.names import rename_employer, rename_worker
from gigmarket.services.operators import OPERATOR
from gigmarket.services.rules import Rules
from gigmarket.services.suspensions import suspend
from gigmarket.store.accounts import Account
from gigmarket.store.personal import NOBODY
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import SuspensionIn

REASON = "forgotten on request"


def hand_out(tx: Transaction, role: Role, phone: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about this person in this role, by table. Audited. Raises NotFound."""
    account = _known(tx, role, phone)
    tx.accounts.audit(OPERATOR, "person.export", account.id, tx.now())
    return tx.personal.of(account.id)


def forget(tx: Transaction, rules: Rules, role: Role, phone: str) -> None:
    """Keep this person's account out for good and blank what names him; sessions end, offers are withdrawn.

    Raises NotFound; WrongState while work, wages, postings or appeals are open.
    """
    account = tx.accounts.lock(_known(tx, role, phone).id)
    _refuse_unfinished(tx, account)
    suspend(tx, rules, OPERATOR, account.id, SuspensionIn(reason=REASON))
    himself = Actor(account.id, role, OPERATOR.session)
    if role is Role.WORKER:
        crews.leave(tx, rules, himself)
        rename_worker(tx, himself.worker(), NOBODY)
        for kind in PassKind:
            tx.passes.revoke([each.id for each in tx.passes.valid_of(himself.worker(), kind)], tx.now())
    elif role is Role.EMPLOYER:
        rename_employer(tx, himself, NOBODY)
    # His offers are withdrawn now: only what was accepted meanwhile can have begun.
    _refuse_unfinished(tx, account)
    tx.personal.forget(account.id)
    tx.accounts.audit(OPERATOR, "person.forget", account.id, tx.now())


def _refuse_unfinished(tx: Transaction, account: Account) -> None:
    if unfinished := tx.personal.unfinished(account.id):
        raise WrongState("first these have to end: " + ", ".join(unfinished))


def _known(tx: Transaction, role: Role, phone: str) -> Account:
    account = tx.accounts.by_phone(role, phone)
    if account is None:
        raise NotFound(f"no {role} with this phone")
    return account
