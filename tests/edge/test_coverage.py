"""Advice, reach and coverage over HTTP and the socket, on the roads of the river town."""

from collections.abc import Iterator
from typing import Any

import pytest

from gigmarket.domain.geo import Cell, Datum, cell_centre, cell_of
from gigmarket.travel.datum import from_wgs84
from tests.serving import Person, Serving, serving
from tests.talking import ok, posting, stream_of
from tests.travel.riverside import STATION, asked, given, riverside
from tests.travel.roads_town import at

NEAR, FAR = at(400, -300), at(500, 600)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server on the river town's roads."""
    folder = tmp_path_factory.mktemp("river")
    with serving(folder, **riverside(folder / "town")) as running:
        yield running


async def get(served: Serving, person: Person, path: str, **query: Any) -> Any:
    async with served.http(person) as http:
        return await ok(http.get(f"/api/v1/{path}", params=query))


async def refused(served: Serving, person: Person, path: str, **query: Any) -> int:
    async with served.http(person) as http:
        return int((await http.get(f"/api/v1/{path}", params=query)).status_code)


async def available(served: Serving, worker: Person, position: dict[str, object], mode: str = "walk") -> Any:
    async with served.http(worker) as http:
        profile = {"trades": ["porter"], "mode": mode, "floor_wage_fen": 0}
        await ok(http.put("/api/v1/workers/me", json=profile))
        body = {"status": "available", "position": position}
        return await ok(http.put("/api/v1/workers/me/presence", json=body))


def keys(view: dict[str, Any]) -> set[str]:
    return {cell["key"] for cell in view["cells"]}


async def test_the_desk_draws_the_town(river: Serving) -> None:
    clerk = river.person("clerk")
    drawn = await get(river, clerk, "market/basemap")
    assert "OpenStreetMap" in drawn["attribution"]
    (minor,) = (drawn["layers"][layer] for layer in ("minor",))
    assert len(minor) > 20
    corner = at(0, 0)
    lats, lngs = ([line[axis] / 100_000 for line in minor] for axis in (0, 1))
    assert min(lats) == pytest.approx(corner.lat, abs=0.02)
    assert min(lngs) == pytest.approx(corner.lng, abs=0.02)
    assert await refused(river, river.person("kiosk"), "market/basemap") == 403


async def test_a_worker_on_a_street_gets_no_advice(river: Serving) -> None:
    assert (await available(river, river.person("worker"), given(NEAR)))["advice"] == []


async def test_a_worker_off_every_road_is_told_over_http_and_the_socket(river: Serving) -> None:
    worker = river.person("worker")
    nowhere = given(at(300, 5000))
    shown = await available(river, worker, nowhere)
    assert shown["status"] == "available"
    (advice,) = shown["advice"]
    assert (advice["code"], advice["datum"]) == ("off_road", None)
    assert "300 米" in advice["zh"]
    assert "on foot" in advice["en"]
    async with stream_of(river, worker) as stream:
        args = {"status": "available", "position": nowhere}
        result = await stream.command("presence.set", args, key="again")
        assert result["data"]["advice"] == [advice]
        assert (await stream.command("presence.set", args, key="again"))["data"] == result["data"]
        off = await stream.command("presence.set", {"status": "offline"})
        assert off["data"]["advice"] == []


async def test_a_mixed_up_datum_is_told_with_its_name(river: Serving) -> None:
    lat, lng = from_wgs84(at(900, -500), Datum.GCJ02)
    worker = river.person("worker")
    (advice,) = (await available(river, worker, {"lat": lat, "lng": lng, "datum": "wgs84"}))["advice"]
    assert (advice["code"], advice["datum"]) == ("datum_suspect", "gcj02")
    assert "高德" in advice["zh"]
    assert (await available(river, worker, {"lat": lat, "lng": lng, "datum": "gcj02"}))["advice"] == []


async def test_a_gigs_site_off_every_road_is_told_in_the_answer_to_its_posting(river: Serving) -> None:
    employer = river.person("employer", "药都物流")
    lat, lng = from_wgs84(at(900, -500), Datum.GCJ02)
    async with river.http(employer) as http:
        for where, codes in (
            (given(STATION), []),
            (given(at(300, 5000)), ["off_road"]),
            ({"lat": lat, "lng": lng, "datum": "wgs84"}, ["datum_suspect"]),
        ):
            gig = await ok(http.post("/api/v1/gigs", json=posting(where)), 201)
            assert [advice["code"] for advice in gig["advice"]] == codes
            assert (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["advice"] == []
            why = await ok(http.get(f"/api/v1/gigs/{gig['id']}/why"))
            assert (why["reason"] == "off_road") == (codes != [])


async def test_without_roads_there_is_no_advice(served: Serving) -> None:
    assert (await available(served, served.person("worker"), given(at(300, 5000))))["advice"] == []


async def test_reach_is_cells_with_their_seconds_on_roads(river: Serving) -> None:
    staff = river.person("staff", "市场管理员")
    view = await get(river, staff, "market/reach", **asked(STATION, mode="walk", limit_s=300))
    assert (view["estimated"], view["mode"], view["limit_s"]) == (False, "walk", 300)
    assert 0 < len(view["cells"]) < 1700
    size = view["cell_m"]
    assert size in (125, 250)
    assert cell_of(STATION, size).key() in keys(view)
    # 300 s are 425 m: over the bridge and no further along the far bank.
    assert cell_of(at(500, 205), size).key() in keys(view)
    assert cell_of(at(100, 230), size).key() not in keys(view)
    for cell in view["cells"]:
        row, col = map(int, cell["key"].split("_"))
        centre = cell_centre(Cell(row, col), size)
        assert cell["lat"] == pytest.approx(centre.lat, abs=1e-6)
        assert 0 <= cell["seconds"] <= 300


async def test_a_station_a_gig_and_a_point_have_the_same_reach(river: Serving) -> None:
    staff, employer = river.person("staff", "市场管理员"), river.person("employer", "药都物流")
    async with river.http(employer) as http:
        gig = await ok(http.post("/api/v1/gigs", json=posting(given(STATION))), 201)
    query = {"mode": "ebike", "limit_s": 120}
    by_point = await get(river, staff, "market/reach", **asked(STATION, **query))
    by_station = await get(river, staff, "stations/heyan/reach", **query)
    by_gig = await get(river, staff, f"gigs/{gig['id']}/reach", **query)
    assert keys(by_point) == keys(by_station) == keys(by_gig)
    lat, lng = from_wgs84(STATION, Datum.BD09)
    shifted = await get(river, staff, "market/reach", lat=lat, lng=lng, datum="bd09", **query)
    assert keys(shifted) == keys(by_point)


@pytest.mark.parametrize("mode", ["walk", "bicycle", "ebike", "motorbike", "car"])
async def test_without_roads_reach_is_the_estimated_circle(served: Serving, mode: str) -> None:
    clerk = served.person("staff", "市场管理员")
    view = await get(served, clerk, "market/reach", **asked(STATION, mode=mode))
    assert (view["estimated"], view["limit_s"]) == (True, 900)
    assert 100 < len(view["cells"]) < 1700


async def test_places_at_the_ends_of_the_earth_have_a_reach(served: Serving) -> None:
    staff = served.person("staff", "市场管理员")
    for lat, lng in ((90, 0), (-90, 180), (0, 180), (0, -180), (89.99, 12)):
        view = await get(served, staff, "market/reach", lat=lat, lng=lng, datum="wgs84", mode="walk")
        assert len(view["cells"]) < 4000


async def test_who_may_look(river: Serving) -> None:
    point = asked(STATION, mode="walk")
    clerk = river.person("clerk", "窗口", station="heyan")
    assert await refused(river, clerk, "market/reach", **point) == 200
    assert await refused(river, clerk, "stations/heyan/reach", mode="walk") == 200
    assert await refused(river, clerk, "market/coverage", mode="walk") == 403
    assert await refused(river, clerk, "gigs/nothing/reach", mode="walk") == 403
    for role in ("worker", "employer"):
        other = river.person(role)
        for path in ("market/reach", "market/coverage", "stations/heyan/reach"):
            assert await refused(river, other, path, **point) == 403


@pytest.mark.parametrize(
    "wrong",
    [{"lat": 91}, {"lng": "nan"}, {"datum": "mars"}, {"mode": "boat"}, {"limit_s": 4000}, {"limit_s": 0}],
)
async def test_what_makes_no_sense_is_refused(river: Serving, wrong: dict[str, Any]) -> None:
    staff = river.person("staff", "市场管理员")
    assert await refused(river, staff, "market/reach", **{**asked(STATION, mode="walk"), **wrong}) == 422


async def test_unknown_gigs_and_stations_are_not_found(river: Serving) -> None:
    staff = river.person("staff", "市场管理员")
    assert await refused(river, staff, "gigs/nothing/reach", mode="walk") == 404
    assert await refused(river, staff, "stations/nothing/reach", mode="walk") == 404
    assert await refused(river, staff, "market/coverage", mode="walk", next=11) == 422


async def test_residents_are_covered_by_mode_and_the_next_site_is_across_the_river(river: Serving) -> None:
    staff = river.person("staff", "市场管理员")
    near = await get(river, staff, "market/coverage", mode="walk", limit_s=300, next=5)
    assert near["residents"] == {"total": 400, "within": 300, "beyond": 100, "share": 0.75}
    assert (near["estimated"], near["stations"], near["weighed"]) == (False, 1, "residents")
    (site,) = near["next"]
    assert site["people"] == 100
    assert site["lat"] > at(0, 200).lat
    whole = await get(river, staff, "market/coverage", mode="walk", limit_s=1200, next=5)
    assert whole["residents"]["share"] == 1.0
    assert whole["next"] == []


async def test_without_residents_the_workers_are_weighed_and_few_are_blurred(served: Serving) -> None:
    staff = served.person("staff", "市场管理员")
    view = await get(served, staff, "market/coverage", mode="ebike")
    assert (view["residents"], view["weighed"], view["estimated"]) == (None, "workers", True)
    for name in ("total", "within", "beyond"):
        assert view["workers"][name] not in (1, 2)
