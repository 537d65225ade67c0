"""Who people are: accounts, sessions, PINs. Each function is one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gigmarket.domain import worker as workers
from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import FieldError, Forbidden, Invalid, NotFound, Unauthenticated
from gigmarket.domain.grant import Grant
from gigmarket.domain.ids import AccountId, Role, StationId, WorkerId, new_id
from gigmarket.domain.worker import Worker
from gigmarket.services.credentials import keyed_hash, new_token, token_hash
from gigmarket.services.profiles import tell_profile
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.stations import Station
from gigmarket.store.transaction import Transaction
from gigmarket.wire.people import AccountView, IdentifyIn, RegisterIn, SessionView

LIFETIME: dict[Role, timedelta] = {
    Role.WORKER: timedelta(days=90),
    Role.EMPLOYER: timedelta(days=30),
    Role.CLERK: timedelta(hours=12),
    Role.STAFF: timedelta(hours=12),
    Role.KIOSK: timedelta(days=365),
}
RENEWABLE = frozenset({Role.WORKER, Role.EMPLOYER, Role.KIOSK})
"""Clerks and staff prove who they are every day; so does a worker at somebody else's kiosk each time."""
AT_KIOSK = timedelta(minutes=10)
SELF_SERVE = frozenset({Role.WORKER, Role.EMPLOYER})
SUSPENDED = "this account is suspended: ask at the market's desk"
WHY_SUSPENDED = (FieldError("account", "suspended"),)
"""Tells a page apart whom to send to the desk from who has only to log in again."""


def find_or_create(
    tx: Transaction, rules: Rules, role: Role, name: str, phone: str, station: StationId | None = None
) -> Account:
    """The account of this phone in this role, made now if it is new. A worker gets an empty profile."""
    found = tx.accounts.by_phone(role, phone)
    if found is not None:
        return found
    now = tx.now()
    account = Account(AccountId(new_id(now, rules.rng)), role, phone, name, station, now)
    tx.accounts.add(account)
    if role is Role.WORKER:
        tx.workers.add(Worker(WorkerId(account.id), name))
    return account


def open_session(
    tx: Transaction,
    rules: Rules,
    account: Account,
    lifetime: timedelta | None = None,
    station: StationId | None = None,
    via: AccountId | None = None,
    grant: Grant | None = None,
) -> SessionView:
    """A new session; its token is in the answer and nowhere else. Raises Forbidden for a suspended account."""
    if account.suspended_at is not None:
        raise Forbidden(SUSPENDED, WHY_SUSPENDED)
    now = tx.now()
    token = new_token()
    actor = Actor(account.id, account.role, new_id(now, rules.rng), station or account.station, via, grant)
    expires_at = now + (lifetime or LIFETIME[account.role])
    tx.accounts.open_session(actor, token_hash(token), now, expires_at)
    return SessionView(token=token, expires_at=expires_at, account=view(account, actor.station))


def refuse_suspended(tx: Transaction, account_id: AccountId) -> None:
    """Before what would outlive a suspension: a server process may know for two seconds more a session that has
    ended. Raises Unauthenticated, as the session would.
    """
    if tx.accounts.suspended_at(account_id) is not None:
        raise Unauthenticated(SUSPENDED, WHY_SUSPENDED)


def log_in(tx: Transaction, rules: Rules, role: Role, phone: str, name: str | None) -> SessionView:
    """After the one-time code was verified. Workers and employers sign up by logging in with a name.

    Raises Forbidden for a clerk, staff or kiosk that no operator entered, Invalid when a name is missing.
    """
    account = tx.accounts.by_phone(role, phone)
    if account is None:
        if role not in SELF_SERVE:
            raise Forbidden("clerks and staff are entered by the market's operator")
        if name is None:
            raise Invalid.field("name", "is needed the first time")
        account = find_or_create(tx, rules, role, name, phone)
    return open_session(tx, rules, account)


def authenticate(tx: Transaction, token: str, now: datetime) -> Actor:
    """Whose token this is. Raises Unauthenticated for an unknown, expired or revoked one."""
    found = authenticate_many(tx, [token], now)[0]
    if isinstance(found, Unauthenticated):
        raise found
    return found


def authenticate_many(tx: Transaction, tokens: Sequence[str], now: datetime) -> list[Actor | Unauthenticated]:
    """Whose tokens these are, in order; Unauthenticated in the place of an unknown, expired or revoked one."""
    hashes = [token_hash(token) for token in tokens]
    sessions = tx.accounts.sessions_by_token(hashes, now)
    suspended = tx.accounts.suspended_by_token([each for each in hashes if each not in sessions])
    return [sessions[each].actor if each in sessions else _ended(each in suspended) for each in hashes]


def _ended(suspended: bool) -> Unauthenticated:
    if suspended:
        return Unauthenticated(SUSPENDED, WHY_SUSPENDED)
    return Unauthenticated("the session has ended: log in again")


def renew(tx: Transaction, rules: Rules, actor: Actor) -> SessionView:
    """A new session after this one, which goes on to its own end. Raises Forbidden for a session that is not to
    outlive its log-in.
    """
    if actor.role not in RENEWABLE or actor.via is not None:
        raise Forbidden("log in again")
    return open_session(tx, rules, tx.accounts.get(actor.account), station=actor.station)


def log_out(tx: Transaction, actor: Actor) -> None:
    """End this session."""
    tx.accounts.revoke_session(actor.session, tx.now())


def open_kiosk(tx: Transaction, rules: Rules, clerk: Actor, station: StationId | None) -> SessionView:
    """A clerk turns a screen into a kiosk of a station. Raises Forbidden, NotFound."""
    if clerk.role is not Role.CLERK:
        raise Forbidden("only a clerk may set up a kiosk")
    where = tx.stations.get(station or clerk.at_station())
    return open_session(tx, rules, new_kiosk(tx, rules, clerk, where))


def new_kiosk(tx: Transaction, rules: Rules, by: Actor, where: Station) -> Account:
    """A device of a station, with an account of its own, so that it can be shut out alone."""
    now = tx.now()
    number = new_id(now, rules.rng)
    name = f"{where.name} 终端 {number[-4:]}"
    kiosk = find_or_create(tx, rules, Role.KIOSK, name, f"kiosk:{number}", where.id)
    tx.accounts.audit(by, "kiosk.open", kiosk.id, now)
    return kiosk


def worker_at_kiosk(tx: Transaction, asked: IdentifyIn) -> tuple[Account, str]:
    """The worker behind a phone or ID number and the stored PIN hash, for the kiosk to compare.

    Raises NotFound alike for an unknown number and for one without a PIN.
    """
    if asked.phone is not None:
        account = tx.accounts.by_phone(Role.WORKER, asked.phone)
    else:
        found = tx.kiosks.worker_of_card(card_hash(tx, asked.id_number or ""))
        account = tx.accounts.get(AccountId(found)) if found else None
    stored = tx.workers.pin_hash(WorkerId(account.id)) if account else None
    if account is None or stored is None:
        raise NotFound("no worker with this number has a PIN: ask the clerk to set one")
    return account, stored


def card_hash(tx: Transaction, id_number: str) -> str:
    """What is stored of an ID number."""
    return keyed_hash(tx.passes.key(), "id-number", id_number)


def identify(tx: Transaction, rules: Rules, kiosk: Actor, account: Account) -> SessionView:
    """A short session of the worker who stands at this kiosk, attributed to it."""
    station = kiosk.at_station()
    tx.accounts.audit(kiosk, "kiosk.identify", account.id, tx.now())
    return open_session(tx, rules, account, AT_KIOSK, station, kiosk.account)


def register(tx: Transaction, rules: Rules, clerk: Actor, asked: RegisterIn, pin_hash: str) -> AccountView:
    """A clerk enters a worker (代办); attributed to the clerk.

    A number that is known already keeps its name and profile and gets the new PIN. Raises Forbidden, Invalid.
    """
    if clerk.role is not Role.CLERK:
        raise Forbidden("only a clerk may register a worker")
    known = tx.accounts.by_phone(Role.WORKER, asked.phone)
    account = known or find_or_create(tx, rules, Role.WORKER, asked.name, asked.phone)
    worker_id = WorkerId(account.id)
    if known is None:
        worker = workers.set_profile(tx.workers.lock(worker_id), frozenset(asked.trades), asked.mode, 0)
        tx.workers.save(worker)
    set_pin(tx, worker_id, pin_hash)
    if asked.id_number is not None:
        _know_card(tx, worker_id, asked.id_number)
    tx.accounts.audit(clerk, "worker.register", account.id, tx.now())
    return view(account, None)


def _know_card(tx: Transaction, worker: WorkerId, id_number: str) -> None:
    hashed = card_hash(tx, id_number)
    owner = tx.kiosks.worker_of_card(hashed)
    if owner not in (None, worker):
        raise Invalid.field("id_number", "belongs to a worker with another phone number")
    tx.kiosks.know_card(worker, hashed)


def set_pin(tx: Transaction, worker: WorkerId, pin_hash: str, by: Actor | None = None) -> None:
    """The worker's PIN for kiosks; their screens learn that there is one now. `by`: whose session it was."""
    if by is not None and by.via is not None:
        tx.accounts.audit(by, "worker.pin", worker, tx.now())
    first = tx.workers.pin_hash(worker) is None
    tx.workers.set_pin_hash(worker, pin_hash)
    if first:
        tell_profile(tx, worker)


def me(tx: Transaction, actor: Actor) -> AccountView:
    """The account behind a session."""
    return view(tx.accounts.get(actor.account), actor.station)


def view(account: Account, station: StationId | None) -> AccountView:
    """An account as its owner sees it."""
    return AccountView(id=account.id, role=account.role, name=account.name, station_id=station)
