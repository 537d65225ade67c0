"""The demo's ready-made people, one per role, so that every page can be looked at with one click."""

from dataclasses import replace

from gigmarket.domain.geo import Mode, metres_between
from gigmarket.domain.ids import Role, StationId, WorkerId
from gigmarket.services.accounts import find_or_create
from gigmarket.services.credentials import hash_pin
from gigmarket.services.rules import Rules
from gigmarket.store.accounts import Account
from gigmarket.store.transaction import Transaction
from gigmarket.travel.places import CITY_CENTRE

PIN = "1234"
_PEOPLE: dict[Role, tuple[str, str]] = {
    Role.WORKER: ("张建国", "13800000001"),
    Role.EMPLOYER: ("药都物流", "13800000002"),
    Role.CLERK: ("李协管", "13800000003"),
    Role.STAFF: ("王主任", "13800000004"),
    Role.KIOSK: ("驿站一体机", "kiosk:demo"),
}


def person(tx: Transaction, rules: Rules, role: Role) -> Account:
    """The demo's person in a role, made the first time; the worker has trades and the PIN 1234."""
    name, phone = _PEOPLE[role]
    station = _central_station(tx) if role in (Role.CLERK, Role.KIOSK) else None
    known = tx.accounts.by_phone(role, phone)
    if known is not None:
        return known
    account = find_or_create(tx, rules, role, name, phone, station)
    if role is Role.WORKER:
        worker = tx.workers.lock(WorkerId(account.id))
        tx.workers.save(replace(worker, trades=frozenset({"porter", "packer", "herb_sorter"}), mode=Mode.EBIKE))
        tx.workers.set_pin_hash(worker.id, hash_pin(PIN))
    return account


def _central_station(tx: Transaction) -> StationId:
    """The station nearest to the city's centre, where the demo has most to show."""
    return min(tx.stations.all(), key=lambda station: metres_between(station.position, CITY_CENTRE)).id
