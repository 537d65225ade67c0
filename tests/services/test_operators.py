"""`gigmarket session create` for somebody known: what is asked for is what the token carries, or it is said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gigmarket.domain.errors import Forbidden, NotFound, Unauthenticated, WrongState
from gigmarket.domain.ids import Role, StationId
from gigmarket.services import accounts
from gigmarket.services.operators import Entered, enter
from gigmarket.store.tables import TABLES
from tests.services.town import Town

PHONE = "13900000000"


def entered(town: Town, role: Role, name: str = "李协管", station: str | None = None) -> Entered:
    return town.do(enter, town.rules, role, name, PHONE, station)


def station_of(town: Town, token: str) -> str | None:
    return town.see(accounts.authenticate, token, town.now).station


def audited(town: Town) -> list[tuple[str, str]]:
    audit = TABLES["audit"].c
    rows = town.see(lambda tx: tx.connection.execute(select(audit.actor_id, audit.action)).all())
    return [(row.actor_id, row.action) for row in rows]


@pytest.fixture
def two(town: Town) -> list[StationId]:
    """Two stations of the town."""
    return [station.id for station in town.see(lambda tx: tx.stations.all())][:2]


def test_staff_of_the_city_who_get_a_station_see_its_region_from_then_on(
    town: Town, two: list[StationId]
) -> None:
    before = entered(town, Role.STAFF)
    assert (station_of(town, before.token), before.told) == (None, ())
    after = entered(town, Role.STAFF, station=two[0])
    assert station_of(town, after.token) == two[0]
    assert after.told == (f"moved from the whole city to station {two[0]}; earlier sessions have ended",)
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, before.token, town.now)
    assert audited(town) == [("operator", f"account.move {two[0]}")]


def test_staff_keep_their_region_unless_the_city_is_asked_for(town: Town, two: list[StationId]) -> None:
    entered(town, Role.STAFF, station=two[0])
    kept = entered(town, Role.STAFF)
    assert station_of(town, kept.token) == two[0]
    assert kept.told == (f'stays with station {two[0]}; --station "" is the whole city',)
    wide = entered(town, Role.STAFF, station="")
    assert station_of(town, wide.token) is None
    assert audited(town) == [("operator", "account.move city")]


def test_a_clerk_moves_and_is_renamed(town: Town, two: list[StationId]) -> None:
    before = entered(town, Role.CLERK)
    assert station_of(town, before.token) == two[0], "a clerk without one has the first"
    after = entered(town, Role.CLERK, "李卫", two[1])
    assert station_of(town, after.token) == two[1]
    assert len(after.told) == 2
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, before.token, town.now)
    again = entered(town, Role.CLERK, "李卫", two[1])
    assert again.told == ()
    assert town.see(accounts.authenticate, after.token, town.now).station == two[1], "nothing changed"
    assert audited(town) == [("operator", "account.rename"), ("operator", f"account.move {two[1]}")]
    known = town.see(lambda tx: tx.accounts.by_phone(Role.CLERK, PHONE))
    assert known is not None
    assert (known.name, known.station) == ("李卫", two[1])


def test_a_new_name_alone_ends_no_session(town: Town) -> None:
    before = entered(town, Role.CLERK)
    assert entered(town, Role.CLERK, "李卫").told == ("renamed from 李协管 to 李卫",)
    town.see(accounts.authenticate, before.token, town.now)


def test_a_kiosk_stays_where_it_is(town: Town, two: list[StationId]) -> None:
    before = entered(town, Role.KIOSK, station=two[0])
    with pytest.raises(WrongState, match=f"this kiosk is of {two[0]}: enrol a new one at {two[1]}"):
        entered(town, Role.KIOSK, station=two[1])
    assert station_of(town, before.token) == two[0]
    assert entered(town, Role.KIOSK, station=two[0]).told == ()


def test_workers_and_employers_keep_the_name_they_gave(town: Town, two: list[StationId]) -> None:
    entered(town, Role.WORKER, "张三")
    again = entered(town, Role.WORKER, "张四", two[0])
    assert again.told == ("this worker keeps the name they gave: 张三", "--station says nothing for a worker")
    assert audited(town) == []


def test_nothing_changes_for_who_is_refused(town: Town, two: list[StationId]) -> None:
    first = entered(town, Role.CLERK, station=two[0])
    clerk = town.see(accounts.authenticate, first.token, town.now)
    with pytest.raises(NotFound, match="no such station"):
        entered(town, Role.CLERK, "李卫", "nowhere")
    town.wait(minutes=1)
    town.do(lambda tx: tx.accounts.suspend(clerk.account, town.now - timedelta(seconds=1)))
    with pytest.raises(Forbidden):
        entered(town, Role.CLERK, "李卫", two[1])
    known = town.see(lambda tx: tx.accounts.get(clerk.account))
    assert (known.name, known.station) == ("李协管", two[0])
    assert audited(town) == []
