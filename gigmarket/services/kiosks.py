"""Kiosks as devices, and the people in front of them. Each function is one transaction."""

import hmac
from datetime import timedelta

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, NotFound, RateLimited
from gigmarket.domain.ids import AccountId, Role, StationId, new_id
from gigmarket.services import accounts
from gigmarket.services.credentials import new_login_code, new_token, token_hash
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.kiosks import Enrolment
from gigmarket.store.transaction import Transaction
from gigmarket.wire.kiosks import ApproveIn, ClaimView, EnrolmentView, KioskView
from gigmarket.wire.pages import Page
from gigmarket.wire.people import SessionView

CODE_LASTS = timedelta(minutes=10)
MOST_WAITING = 200
CLERK_AT_KIOSK = timedelta(minutes=15)


def begin(tx: Transaction, rules: Rules) -> EnrolmentView:
    """A new screen: a code to show and a secret to come back with. Raises RateLimited when too many wait."""
    now = tx.now()
    tx.kiosks.forget(now)
    if tx.kiosks.waiting() >= MOST_WAITING:
        raise RateLimited("too many screens wait for approval", CODE_LASTS.total_seconds())
    code = new_login_code()
    while tx.kiosks.enrolment_by_code(code) is not None:
        code = new_login_code()
    secret, ends = new_token(), now + CODE_LASTS
    made = Enrolment(new_id(now, rules.rng), code, token_hash(secret), now, ends)
    tx.kiosks.add_enrolment(made)
    return EnrolmentView(id=made.id, code=code, secret=secret, expires_at=ends)


def approve(tx: Transaction, rules: Rules, actor: Actor, asked: ApproveIn) -> KioskView:
    """The screen that shows this code becomes a kiosk of a station. Raises NotFound for an unknown, used or old
    code or station, Forbidden for a station that is not the clerk's.
    """
    station = _station(actor, asked.station_id)
    waiting = tx.kiosks.enrolment_by_code(asked.code)
    if waiting is None or waiting.kiosk is not None or tx.now() >= waiting.expires_at:
        raise NotFound("no screen shows this code now")
    kiosk = accounts.new_kiosk(tx, rules, actor, tx.stations.get(station))
    tx.kiosks.approve(waiting.id, kiosk.id)
    return _view(kiosk)


def claim(tx: Transaction, rules: Rules, enrolment_id: str, secret: str) -> ClaimView:
    """What has become of an enrolment; once approved, the session. Raises NotFound when the code has run out or
    the secret is not its own.
    """
    made = tx.kiosks.enrolment(enrolment_id)
    wanted = made.secret_hash if made else "-"
    mine = hmac.compare_digest(token_hash(secret), wanted)
    if made is None or not mine or tx.now() >= made.expires_at:
        raise NotFound("this code has run out: ask for a new one")
    if made.kiosk is None:
        return ClaimView(status="waiting")
    return ClaimView(status="approved", session=accounts.open_session(tx, rules, tx.accounts.get(made.kiosk)))


def all_of(tx: Transaction, actor: Actor, cursor: str | None, limit: int) -> Page[KioskView]:
    """Kiosks, newest first: all for staff, a clerk's own station's."""
    station = actor.at_station() if actor.role is Role.CLERK else None
    ids = tx.kiosks.ids(station, cursor, limit)
    found = tx.accounts.get_many(ids)
    items = [_view(found[each]) for each in ids]
    return Page(items=items, next=ids[-1] if len(ids) == limit else None)


def revoke(tx: Transaction, actor: Actor, kiosk_id: AccountId) -> tuple[KioskView, list[str], list[AccountId]]:
    """Shut a device out for good: its session ends, and those that it opened for workers and clerks.

    Returns also those sessions, and the clerks in whose name workers' sessions were opened. Raises NotFound.
    """
    kiosk = tx.accounts.lock(kiosk_id)
    if kiosk.role is not Role.KIOSK or (actor.role is Role.CLERK and kiosk.station != actor.at_station()):
        raise NotFound("no such kiosk")
    now = tx.now()
    clerks = list(tx.kiosks.clerks_at(kiosk_id, now))
    ended = [session for via in (kiosk_id, *clerks) for session in tx.accounts.sessions_via(via, now)]
    if kiosk.suspended_at is None:
        tx.accounts.suspend(kiosk_id, now)
    tx.accounts.revoke_sessions_of(kiosk_id, now)
    for session in ended:
        tx.accounts.revoke_session(session, now)
    tx.accounts.audit(actor, "kiosk.revoke", kiosk_id, now)
    return _view(tx.accounts.get(kiosk_id)), ended, clerks


def clerk_pin(tx: Transaction, phone: str) -> tuple[Account, str]:
    """The clerk behind a number and the stored PIN hash, for the kiosk to compare. Raises NotFound alike for an
    unknown number and for one without a PIN.
    """
    account = tx.accounts.by_phone(Role.CLERK, phone)
    stored = tx.kiosks.clerk_pin(account.id) if account else None
    if account is None or stored is None:
        raise NotFound("no clerk with this number has a PIN")
    return account, stored


def set_clerk_pin(tx: Transaction, clerk: Actor, pin_hash: str) -> None:
    """A clerk's own PIN for kiosks."""
    tx.kiosks.set_clerk_pin(clerk.account, pin_hash)
    tx.accounts.audit(clerk, "clerk.pin", clerk.account, tx.now())


def clerk_mode(tx: Transaction, rules: Rules, kiosk: Actor, clerk: Account) -> SessionView:
    """A short session of a clerk at this kiosk, attributed to it. Raises Forbidden."""
    station = kiosk.at_station()
    tx.accounts.audit(kiosk, "kiosk.clerk", clerk.id, tx.now())
    return accounts.open_session(tx, rules, clerk, CLERK_AT_KIOSK, station, kiosk.account)


def act_for(tx: Transaction, rules: Rules, clerk: Actor, phone: str) -> SessionView:
    """代办: a short session of a worker in a clerk's hands; each act is recorded with both. Raises NotFound."""
    station = clerk.at_station()
    account = tx.accounts.by_phone(Role.WORKER, phone)
    if account is None:
        raise NotFound("no worker has this number")
    tx.accounts.audit(clerk, "clerk.act_for", account.id, tx.now())
    return accounts.open_session(tx, rules, account, accounts.AT_KIOSK, station, clerk.account)


def _station(actor: Actor, asked: str | None) -> StationId:
    if actor.role is Role.CLERK:
        own = actor.at_station()
        if asked is not None and asked != own:
            raise Forbidden("a clerk sets up the kiosks of their own station")
        return own
    if asked is None:
        raise NotFound("name the station in which the screen stands")
    return StationId(asked)


def _view(kiosk: Account) -> KioskView:
    return KioskView(
        id=kiosk.id,
        name=kiosk.name,
        station_id=kiosk.station or "",
        created_at=kiosk.created_at,
        revoked_at=kiosk.suspended_at,
    )
