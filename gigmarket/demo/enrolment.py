"""Accounts and sessions of the demo's people, entered at once: a thousand logins by text message would take
minutes. Everything after that goes through the doors that everyone uses.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from gigmarket.demo.city import Firm, Labourer
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import Role, new_id
from gigmarket.services import showcase
from gigmarket.services.accounts import LIFETIME
from gigmarket.services.credentials import new_token, token_hash
from gigmarket.services.rules import Rules
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction

_ACCOUNT, _WORKER, _SESSION = TABLES["account"], TABLES["worker"], TABLES["session"]

Ticket = tuple[str, str]
"""An account's id and a session token of it."""


def enrol(
    tx: Transaction, rules: Rules, labourers: Sequence[Labourer], firms: Sequence[Firm]
) -> tuple[list[Ticket], list[Ticket]]:
    """An account (the known one of an earlier run, by phone) and a new session for each person, in order."""
    workers = _accounts(tx, rules, Role.WORKER, [(person.phone, person.name) for person in labourers])
    employers = _accounts(tx, rules, Role.EMPLOYER, [(firm.phone, firm.name) for firm in firms])
    return _sessions(tx, rules, Role.WORKER, workers), _sessions(tx, rules, Role.EMPLOYER, employers)


def enter_showcase(tx: Transaction, rules: Rules) -> None:
    """The ready-made people of the pages, one per role."""
    for role in Role:
        showcase.person(tx, rules, role)


def _accounts(tx: Transaction, rules: Rules, role: Role, people: Sequence[tuple[str, str]]) -> list[str]:
    statement = select(_ACCOUNT.c.phone, _ACCOUNT.c.id).where(_ACCOUNT.c.role == role.value)
    known = {row.phone: row.id for row in tx.connection.execute(statement)}
    now = tx.now()
    new = [
        {
            "id": new_id(now, rules.rng),
            "role": role.value,
            "phone": phone,
            "name": name,
            "station_id": None,
            "created_at": now,
        }
        for phone, name in people
        if phone not in known
    ]
    if new:
        tx.connection.execute(insert(_ACCOUNT), new)
    if new and role is Role.WORKER:
        blank = {"trades": "", "mode": Mode.EBIKE.value, "floor_wage_fen": 0, "wanted": False}
        tx.connection.execute(insert(_WORKER), [{**blank, "account_id": account["id"]} for account in new])
    known.update({str(account["phone"]): account["id"] for account in new})
    return [known[phone] for phone, _ in people]


def _sessions(tx: Transaction, rules: Rules, role: Role, accounts: Sequence[str]) -> list[Ticket]:
    now: datetime = tx.now()
    tickets = [(account, new_token()) for account in accounts]
    rows = [
        {
            "id": new_id(now, rules.rng),
            "account_id": account,
            "token_hash": token_hash(token),
            "station_id": None,
            "via_account_id": None,
            "created_at": now,
            "expires_at": now + LIFETIME[role],
            "revoked_at": None,
        }
        for account, token in tickets
    ]
    tx.connection.execute(insert(_SESSION), rows)
    return tickets
