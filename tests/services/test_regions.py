"""City → town → village: what a desk sees by the station it was entered with, and what it may ask for."""

from dataclasses import replace

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import Role, StationId
from gigmarket.domain.region import Level, Region
from gigmarket.services import free_seats, queues
from gigmarket.services.regions import Regions
from tests.services.town import Town

TOWN = "店下镇"
HALL, TANGXIA, GUANTIAN = (StationId(name) for name in ("zs-dianxia", "塘下", "官田"))
CITY = StationId("zs-city")


@pytest.fixture
def places(town: Town) -> dict[StationId, Position]:
    """A town's station and those of two of its villages, 3 km north and south of it."""
    hall = town.see(lambda tx: tx.stations.get(HALL))
    villages = [
        replace(
            hall,
            id=name,
            position=Position(hall.position.lat + north, hall.position.lng),
            level=Level.VILLAGE,
            village=f"{name}村",
        )
        for name, north in ((TANGXIA, 0.03), (GUANTIAN, -0.03))
    ]
    town.do(lambda tx: tx.stations.put_all(villages))
    return {HALL: hall.position, **{each.id: each.position for each in villages}}


def waiting(town: Town, desk: Actor, asked: Region) -> set[str]:
    return {each.worker_id for each in town.see(queues.queues, desk, asked).waiting.items}


def test_a_village_is_what_lies_nearest_to_its_own_station(
    town: Town, places: dict[StationId, Position]
) -> None:
    regions = Regions(town.see(lambda tx: tx.stations.all()))
    assert regions.of(places[HALL]) == Region(TOWN)
    assert regions.of(places[TANGXIA]) == Region(TOWN, "塘下村")
    between = Position(places[HALL].lat + 0.016, places[HALL].lng)
    assert regions.of(between) == Region(TOWN, "塘下村")
    assert Regions([]).of(between) == Region()


def test_a_town_has_its_villages_and_a_village_only_itself(
    town: Town, places: dict[StationId, Position]
) -> None:
    seat, north, south = (town.worker(where=where).account for where in places.values())
    elsewhere = town.worker().account
    town.wait(hours=1)
    desk = town.person(Role.STAFF, "主任")
    assert waiting(town, desk, Region()) == {seat, north, south, elsewhere}
    assert waiting(town, desk, Region(TOWN)) == {seat, north, south}
    assert waiting(town, desk, Region(TOWN, "塘下村")) == {north}
    seen = town.see(queues.queues, desk, Region(TOWN, "官田村"))
    assert (seen.town, seen.village, seen.counts["waiting"]) == (TOWN, "官田村", 1)


def test_gigs_with_free_seats_are_of_the_region_they_are_done_in(
    town: Town, places: dict[StationId, Position]
) -> None:
    desk, employer = town.person(Role.STAFF, "主任"), town.employer()
    north, _ = (town.gig(employer, where=places[name]) for name in (TANGXIA, HALL))
    asked = Region(TOWN, "塘下村")
    found = town.see(free_seats.unfilled, town.rules, desk, asked, None, 50)
    assert ([gig.gig_id for gig in found.items], found.next) == ([north], None)
    assert town.see(queues.queues, desk, asked).counts["unfilled"] == 1
    assert town.see(queues.queues, desk, Region(TOWN)).counts["unfilled"] == 2


def test_gigs_with_free_seats_come_page_by_page(town: Town) -> None:
    desk, employer = town.person(Role.STAFF, "主任"), town.employer()
    third, first, second = (town.gig(employer, starts_in_h=hours) for hours in (3, 1, 2))
    page = town.see(free_seats.unfilled, town.rules, desk, Region(), None, 2)
    assert [gig.gig_id for gig in page.items] == [first, second]
    last = town.see(free_seats.unfilled, town.rules, desk, Region(), page.next, 2)
    assert ([gig.gig_id for gig in last.items], last.next) == ([third], None)


@pytest.mark.parametrize(
    ("station", "asked", "seen"),
    [
        (CITY, Region(), Region()),
        (CITY, Region(TOWN, "塘下村"), Region(TOWN, "塘下村")),
        (HALL, Region(), Region(TOWN)),
        (HALL, Region(TOWN, "塘下村"), Region(TOWN, "塘下村")),
        (HALL, Region("临江镇"), Region(TOWN)),
        (TANGXIA, Region(), Region(TOWN, "塘下村")),
        (TANGXIA, Region(TOWN), Region(TOWN, "塘下村")),
        (TANGXIA, Region(TOWN, "官田村"), Region(TOWN, "塘下村")),
        (None, Region("临江镇"), Region("临江镇")),
    ],
)
@pytest.mark.usefixtures("places")
def test_staff_look_inside_their_stations_region_only(
    town: Town, station: StationId | None, asked: Region, seen: Region
) -> None:
    view = town.see(queues.queues, town.person(Role.STAFF, "干部", station), asked)
    assert Region(view.town, view.village) == seen


@pytest.mark.usefixtures("places")
def test_a_clerk_may_look_beyond_the_own_village(town: Town) -> None:
    view = town.see(queues.queues, town.person(Role.CLERK, "李协管", TANGXIA), Region("临江镇"))
    assert (view.town, view.village) == ("临江镇", None)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (Region("没有这个镇"), "town"),
        (Region("没有这个镇", "塘下村"), "town"),
        (Region(TOWN, "没有这个村"), "village"),
        (Region("临江镇", "塘下村"), "village"),
        (Region(None, "塘下村"), "town"),
    ],
)
@pytest.mark.parametrize("station", [None, CITY])
@pytest.mark.usefixtures("places")
def test_a_region_without_a_station_is_refused(
    town: Town, station: StationId | None, asked: Region, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        town.see(queues.queues, town.person(Role.STAFF, "主任", station), asked)
    assert [error.path for error in refused.value.errors] == [path]
