"""Who may act as what, and which stream they follow: the full table of roles."""

import pytest

from gigmarket.domain.actor import MARKET_STAFF, Actor
from gigmarket.domain.errors import Forbidden
from gigmarket.domain.ids import AccountId, Principal, Role, StationId, StreamOwner

HALL = StationId("s1")


def actor(role: Role, station: StationId | None = None) -> Actor:
    """Account x1 in this role."""
    return Actor(AccountId("x1"), role, "session", station)


@pytest.mark.parametrize("station", [None, HALL])
@pytest.mark.parametrize("role", Role)
def test_only_a_worker_is_a_worker(role: Role, station: StationId | None) -> None:
    if role is Role.WORKER:
        assert actor(role, station).worker() == "x1"
    else:
        with pytest.raises(Forbidden):
            actor(role, station).worker()


@pytest.mark.parametrize("role", Role)
def test_only_an_employer_is_an_employer(role: Role) -> None:
    if role is Role.EMPLOYER:
        assert actor(role).employer() == "x1"
    else:
        with pytest.raises(Forbidden):
            actor(role).employer()


@pytest.mark.parametrize("station", [None, HALL])
@pytest.mark.parametrize("role", Role)
def test_only_clerks_and_kiosks_sit_at_a_station(role: Role, station: StationId | None) -> None:
    if role in (Role.CLERK, Role.KIOSK) and station:
        assert actor(role, station).at_station() == HALL
    else:
        with pytest.raises(Forbidden):
            actor(role, station).at_station()


@pytest.mark.parametrize(
    ("role", "principal"),
    [
        (Role.WORKER, Principal(StreamOwner.WORKER, "x1")),
        (Role.EMPLOYER, Principal(StreamOwner.EMPLOYER, "x1")),
        (Role.CLERK, Principal(StreamOwner.STATION, "s1")),
        (Role.KIOSK, Principal(StreamOwner.STATION, "s1")),
        (Role.STAFF, MARKET_STAFF),
    ],
)
def test_everyone_follows_one_stream(role: Role, principal: Principal) -> None:
    assert actor(role, HALL).principal() == principal


@pytest.mark.parametrize("role", [Role.CLERK, Role.KIOSK])
def test_a_desk_without_a_station_has_no_stream(role: Role) -> None:
    with pytest.raises(Forbidden):
        actor(role).principal()
