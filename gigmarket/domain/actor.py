"""Who is asking: the account behind a session, its role, and the desk it sits at."""

from dataclasses import dataclass

from gigmarket.domain.errors import Forbidden
from gigmarket.domain.grant import Grant
from gigmarket.domain.ids import (
    AccountId,
    EmployerId,
    Principal,
    Role,
    StationId,
    StreamOwner,
    WorkerId,
    employer_principal,
    station_principal,
    worker_principal,
)

MARKET_STAFF = Principal(StreamOwner.STAFF, "market")


@dataclass(frozen=True, slots=True)
class Actor:
    """One session's identity. `station` is set for clerks, kiosks and workers identified at a kiosk;
    `via` is the kiosk's or clerk's account when somebody else's device is used. `grant` is set for who came
    with a ticket or a card, and limits what they may do.
    """

    account: AccountId
    role: Role
    session: str
    station: StationId | None = None
    via: AccountId | None = None
    grant: Grant | None = None

    def worker(self) -> WorkerId:
        """The worker this actor is. Raises Forbidden for any other role."""
        if self.role is not Role.WORKER:
            raise Forbidden("only a worker may do this")
        return WorkerId(self.account)

    def employer(self) -> EmployerId:
        """The employer this actor is. Raises Forbidden for any other role."""
        if self.role is not Role.EMPLOYER:
            raise Forbidden("only an employer may do this")
        return EmployerId(self.account)

    def at_station(self) -> StationId:
        """The station a clerk or kiosk belongs to. Raises Forbidden for any other role or without one."""
        if self.role not in (Role.CLERK, Role.KIOSK) or self.station is None:
            raise Forbidden("only a station's clerk or kiosk may do this")
        return self.station

    def principal(self) -> Principal:
        """The one stream this actor may follow."""
        if self.role is Role.WORKER:
            return worker_principal(WorkerId(self.account))
        if self.role is Role.EMPLOYER:
            return employer_principal(EmployerId(self.account))
        if self.role in (Role.CLERK, Role.KIOSK):
            return station_principal(self.at_station())
        return MARKET_STAFF
