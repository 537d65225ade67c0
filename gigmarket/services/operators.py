"""What an operator does from the command line: people and sessions that nobody can sign up for."""

from dataclasses import dataclass, replace

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound, WrongState
from gigmarket.domain.ids import AccountId, Role, StationId
from gigmarket.services.accounts import find_or_create, open_session
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.transaction import Transaction

OPERATOR = Actor(AccountId("operator"), Role.STAFF, "command line")
"""Who stands in the audit for what was done at the server's own command line."""
DESKS = frozenset({Role.CLERK, Role.STAFF, Role.KIOSK})
"""Roles whose accounts are the operator's; workers and employers name themselves."""
CITY = ""
"""The station of staff who see the whole city."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session's token, and a line for each thing about a known account that the operator should know."""

    token: str
    told: tuple[str, ...] = ()


def enter(tx: Transaction, rules: Rules, role: Role, name: str, phone: str, station: str | None) -> Entered:
    """A new session for this person in this role, made if new. A station's staff see its region only.

    A desk's known account gets the name and the station that are asked for; without one it keeps its own.
    Raises NotFound for the station, WrongState for a kiosk of another one, Forbidden for a suspended account.
    """
    told: list[str] = []
    known = tx.accounts.by_phone(role, phone)
    asked = _station(tx, role, station)
    if known is None:
        home = _first_station(tx) if asked is None and role in (Role.CLERK, Role.KIOSK) else asked
        account = find_or_create(tx, rules, role, name, phone, home or None)
    elif role in DESKS:
        account, told = _corrected(tx, tx.accounts.lock(known.id), name, asked)
    else:
        account = known
        if known.name != name:
            told.append(f"this {role} keeps the name they gave: {known.name}")
    if station is not None and role not in DESKS:
        told.append(f"--station says nothing for a {role}")
    return Entered(open_session(tx, rules, account).token, tuple(told))


def _corrected(
    tx: Transaction, account: Account, name: str, asked: StationId | None
) -> tuple[Account, list[str]]:
    """A desk's account as asked for, and what that changed. A session carries its rights, so all of an account
    that moves are ended.
    """
    told, now = [], tx.now()
    if name != account.name:
        tx.accounts.rename(account.id, name)
        tx.accounts.audit(OPERATOR, "account.rename", account.id, now)
        told.append(f"renamed from {account.name} to {name}")
    home = account.station if asked is None else asked or None
    if home != account.station:
        if account.role is Role.KIOSK:
            raise WrongState(f"this kiosk is of {account.station}: enrol a new one at {home}")
        tx.accounts.move(account.id, home)
        tx.accounts.revoke_sessions_of(account.id, now)
        tx.accounts.audit(OPERATOR, f"account.move {home or 'city'}", account.id, now)
        told.append(f"moved from {_place(account.station)} to {_place(home)}; earlier sessions have ended")
    elif asked is None and account.role is Role.STAFF and home is not None:
        told.append(f'stays with {_place(home)}; --station "" is the whole city')
    return replace(account, name=name, station=home), told


def _station(tx: Transaction, role: Role, station: str | None) -> StationId | None:
    """The station asked for, CITY for staff of the whole city, None where nothing was."""
    if station is None or role not in DESKS or (not station and role is not Role.STAFF):
        return None
    return tx.stations.get(StationId(station)).id if station else StationId(CITY)


def _first_station(tx: Transaction) -> StationId:
    stations = tx.stations.all()
    if not stations:
        raise NotFound("there is no station yet")
    return stations[0].id


def _place(station: StationId | None) -> str:
    return f"station {station}" if station else "the whole city"
