"""Supply and demand in a town and in its villages, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import Person, Serving, serving
from tests.talking import eventually, go_available, ok, post_gig
from tests.villages import GUANTIAN, HALL, TANGXIA, TOWN, villages

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with two villages' own stations."""
    folder = tmp_path_factory.mktemp("villages")
    with serving(folder, **villages(folder)) as running:
        yield running


async def counted(served: Serving, desk: Person, **asked: str) -> dict[str, Any]:
    async with served.http(desk) as http:
        view: dict[str, Any] = await ok(http.get("/api/v1/market/region", params=asked))
        return view


def of_trade(view: dict[str, Any], trade: str) -> tuple[int, int]:
    (row,) = [row for row in view["by_trade"] if row["trade"] == trade]
    return row["workers"], row["free_seats"]


async def test_a_region_counts_its_own_people_and_seats(served: Serving) -> None:
    for where, trades in ((HALL, ("driver", "guard")), (TANGXIA, ("driver",)), (TANGXIA, ("guard",))):
        await go_available(served, served.person("worker"), where, trades)
    employer = served.person("employer")
    # Nobody has this trade, so its seats stay free.
    await post_gig(served, employer, GUANTIAN, trade="packer", headcount=3)
    staff = served.person("staff")

    async def everybody() -> bool:
        return bool((await counted(served, staff))["available_workers"] == 3)

    await eventually(everybody, "three are in the index")
    city = await counted(served, staff)
    town = await counted(served, staff, town=TOWN)
    assert (city["town"], city["village"], city["open_gigs"], city["free_seats"]) == (None, None, 1, 3)
    assert (town["available_workers"], town["free_seats"], town["by_trade"]) == (3, 3, city["by_trade"])
    north = await counted(served, staff, town=TOWN, village="塘下村")
    assert (north["village"], north["available_workers"], north["free_seats"]) == ("塘下村", 2, 0)
    assert (of_trade(north, "driver"), of_trade(north, "guard")) == ((1, 0), (1, 0))
    south = await counted(served, staff, town=TOWN, village="官田村")
    assert (south["available_workers"], south["open_gigs"], of_trade(south, "packer")) == (0, 1, (0, 3))
    assert (await counted(served, staff, town="临江镇"))["available_workers"] == 0
    # Staff of a village see it, whatever they ask for.
    own = await counted(served, served.person("staff", station="tangxia"), town=TOWN)
    assert {**own, "at": None} == {**north, "at": None}


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"town": "没有"}, "town"),
        ({"town": TOWN, "village": "没有"}, "village"),
        ({"village": "塘下村"}, "town"),
    ],
)
@pytest.mark.parametrize("route", ["/market/region", "/queues", "/gigs/unfilled"])
async def test_an_unknown_region_is_refused(
    served: Serving, route: str, asked: dict[str, str], path: str
) -> None:
    async with served.http(served.person("staff")) as http:
        bad = await http.get(f"/api/v1{route}", params=asked)
    assert (bad.status_code, [each["path"] for each in bad.json()["errors"]]) == (422, [path])


async def test_the_directory_says_where_each_station_stands(served: Serving) -> None:
    async with served.http() as http:
        items = {each["id"]: each for each in (await ok(http.get("/api/v1/stations")))["items"]}
    levels = [(items[code]["level"], items[code]["village"]) for code in ("zs-city", "zs-dianxia", "tangxia")]
    assert levels == [("city", None), ("town", None), ("village", "塘下村")]
