"""What an operator does from the command line: people and sessions that nobody can sign up for."""

from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import Role, StationId
from gigmarket.services.accounts import find_or_create, open_session
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction


def token_for(tx: Transaction, rules: Rules, role: Role, name: str, phone: str, station: str | None) -> str:
    """A new session's token for this person in this role, made if new. A station's staff see its region only.

    Raises NotFound for the station.
    """
    home: StationId | None = None
    if role in (Role.CLERK, Role.KIOSK):
        stations = tx.stations.all()
        if station is None and not stations:
            raise NotFound("there is no station yet")
        home = tx.stations.get(StationId(station)).id if station else stations[0].id
    elif role is Role.STAFF and station is not None:
        home = tx.stations.get(StationId(station)).id
    account = find_or_create(tx, rules, role, name, phone, home)
    return open_session(tx, rules, account).token
