"""A city's own list and name: what is not on the list goes, unless somebody belongs to it."""

from pathlib import Path

import pytest

from gigmarket.bootstrap import open_market, prepare_database
from gigmarket.domain.ids import AccountId, Role, StationId
from gigmarket.services.market import Market
from gigmarket.settings import Settings
from gigmarket.store.database import Store
from tests.store.people import account
from tests.travel.test_places import GOOD, HEADER, written

HALL = StationId("zs-city")


def _stations(settings: Settings) -> set[str]:
    store = Store(settings.the_database_url())
    found = store.read_now(lambda tx: {station.id for station in tx.stations.all()})
    store.close()
    return set(found)


def test_a_citys_own_list_takes_the_place_of_the_shipped_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = Settings(data=tmp_path)
    prepare_database(before)
    assert len(_stations(before)) > 1
    store = Store(before.the_database_url())
    clerk = account("c1", Role.CLERK)
    store.transact_now(lambda tx: tx.accounts.add(clerk))
    store.transact_now(lambda tx: tx.connection.exec_driver_sql("UPDATE account SET station_id = 'zs-city'"))
    store.close()
    own = Settings(data=tmp_path, stations=written(tmp_path, HEADER, GOOD))
    prepare_database(own)
    assert _stations(own) == {"st-1", HALL}
    assert HALL in caplog.text
    store = Store(own.the_database_url())
    store.transact_now(lambda tx: tx.connection.exec_driver_sql("UPDATE account SET station_id = 'st-1'"))
    assert store.read_now(lambda tx: tx.accounts.get(AccountId("c1"))).station == "st-1"
    store.close()
    prepare_database(own)
    assert _stations(own) == {"st-1"}


def test_a_citys_own_list_is_not_undone_by_who_does_not_know_it(tmp_path: Path) -> None:
    """`session create` in a shell without the service's settings, or a start without them."""
    shipped, own = (
        Settings(data=tmp_path),
        Settings(data=tmp_path, stations=written(tmp_path, HEADER, GOOD)),
    )
    prepare_database(own)
    assert _stations(own) == {"st-1"}
    prepare_database(shipped, only_first=True)
    prepare_database(shipped)
    assert _stations(own) == {"st-1"}
    prepare_database(Settings(data=tmp_path / "new"), only_first=True)
    assert HALL in _stations(Settings(data=tmp_path / "new"))


@pytest.fixture
async def fengcheng(tmp_path: Path, valkey_url: str) -> Market:
    """The market of another city."""
    other = GOOD.replace("st-1", "st-2").replace("28.05", "28.19")
    settings = Settings(
        data=tmp_path,
        redis_url=valkey_url,
        city="fengcheng",
        city_name="丰城市",
        city_name_en="Fengcheng",
        stations=written(tmp_path, HEADER, GOOD, other),
    )
    prepare_database(settings)
    return open_market(settings, modes=())


async def test_another_city_has_its_own_name_and_its_map_begins_among_its_stations(fengcheng: Market) -> None:
    shown = fengcheng.meta
    assert (shown.city, shown.city_en) == ("丰城市", "Fengcheng")
    assert (shown.center.lat, shown.center.lng) == pytest.approx((28.12, 115.55))
    await fengcheng.close()
