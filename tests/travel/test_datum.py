"""WGS-84, GCJ-02 and BD-09: published pairs, the shifts at the first city, there and back, and map links."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gigmarket.domain.geo import Datum, Mode, Position, metres_between
from gigmarket.travel.datum import from_wgs84, map_links, to_wgs84

ZHANGSHU = Position(28.0560, 115.5460)

# name, WGS-84, GCJ-02, BD-09 (lat, lng), to seven decimals. WGS-84 and GCJ-02 of the first two are those of
# WGS84_TO_GCJ02; the rest pins the published formulas, so that stored and shown places never move.
OURS = [
    ("Beijing", (39.911954, 116.377817), (39.9133455, 116.3840472), (39.9195756, 116.3904547)),
    ("Shanghai", (31.1774276, 121.5272106), (31.1753040, 121.5315419), (31.1813286, 121.5380157)),
    ("Zhangshu", (28.056, 115.546), (28.0525658, 115.5509756), (28.0588698, 115.5573814)),
]

# The same, as published with the gcoord library (MIT). Their WGS-84 lies a steady 0.67 m from the formula.
TRIPLES = [
    ("Zhengzhou", (34.7478004, 113.6192856), (34.7466173, 113.6253334), (34.7528605, 113.6317519)),
    ("Shenyang", (41.8032629, 123.4253306), (41.8057023, 123.4314787), (41.8114013, 123.4380950)),
    ("Yichang", (30.6944096, 111.2808211), (30.6919691, 111.2864741), (30.6977103, 111.2930248)),
    ("Shantou", (23.3567569, 116.6775114), (23.3540964, 116.6819735), (23.3598884, 116.6885014)),
    ("Jinhua", (29.0820414, 119.6427465), (29.0790641, 119.6474509), (29.0854003, 119.6538875)),
    ("Nagqu", (31.4784436, 92.0499619), (31.4762063, 92.0512438), (31.4824421, 92.0576832)),
]

# WGS-84 → GCJ-02 (lat, lng), as published with eviltransform and coordtransform (both MIT).
WGS84_TO_GCJ02 = [
    ("Shanghai", (31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ("Shenzhen", (22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ("Beijing", (39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ("Beijing, Tiananmen", (39.915, 116.404), (39.91640428150164, 116.41024449916938)),
]

# GCJ-02 → BD-09 (lat, lng), as published with coordtransform (MIT).
GCJ02_TO_BD09 = [("Beijing, Tiananmen", (39.915, 116.404), (39.92133699351022, 116.41036949371029))]

china = st.builds(Position, st.floats(3.0, 53.5), st.floats(73.5, 135.0))
abroad = st.one_of(
    st.builds(Position, st.floats(56, 90), st.floats(-180, 180)),
    st.builds(Position, st.floats(-90, 0.8), st.floats(-180, 180)),
    st.builds(Position, st.floats(-90, 90), st.floats(-180, 72)),
    st.builds(Position, st.floats(-90, 90), st.floats(137.9, 180)),
)
shifted = st.sampled_from([Datum.GCJ02, Datum.BD09])


@pytest.mark.parametrize(("name", "wgs84", "gcj02", "bd09"), TRIPLES, ids=[row[0] for row in TRIPLES])
def test_published_triples(
    name: str, wgs84: tuple[float, float], gcj02: tuple[float, float], bd09: tuple[float, float]
) -> None:
    truth = Position(*wgs84)
    assert metres_between(Position(*from_wgs84(truth, Datum.GCJ02)), Position(*gcj02)) < 0.7, name
    assert metres_between(Position(*from_wgs84(truth, Datum.BD09)), Position(*bd09)) < 0.7, name
    assert metres_between(to_wgs84(*gcj02, Datum.GCJ02), truth) < 0.7, name
    assert metres_between(to_wgs84(*bd09, Datum.BD09), truth) < 0.7, name
    onward = from_wgs84(to_wgs84(*gcj02, Datum.GCJ02), Datum.BD09)
    assert metres_between(Position(*onward), Position(*bd09)) < 0.02, name


@pytest.mark.parametrize(("name", "wgs84", "gcj02", "bd09"), OURS, ids=[row[0] for row in OURS])
def test_reference_table(
    name: str, wgs84: tuple[float, float], gcj02: tuple[float, float], bd09: tuple[float, float]
) -> None:
    assert from_wgs84(Position(*wgs84), Datum.GCJ02) == pytest.approx(gcj02, abs=1e-7), name
    assert from_wgs84(Position(*wgs84), Datum.BD09) == pytest.approx(bd09, abs=1e-7), name
    assert metres_between(to_wgs84(*gcj02, Datum.GCJ02), Position(*wgs84)) < 0.1, name
    assert metres_between(to_wgs84(*bd09, Datum.BD09), Position(*wgs84)) < 0.1, name


@pytest.mark.parametrize(("name", "wgs84", "gcj02"), WGS84_TO_GCJ02, ids=[row[0] for row in WGS84_TO_GCJ02])
def test_published_gcj02(name: str, wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert from_wgs84(Position(*wgs84), Datum.GCJ02) == pytest.approx(gcj02, abs=1e-12), name
    assert metres_between(to_wgs84(*gcj02, Datum.GCJ02), Position(*wgs84)) < 0.1, name


@pytest.mark.parametrize(("name", "gcj02", "bd09"), GCJ02_TO_BD09, ids=[row[0] for row in GCJ02_TO_BD09])
def test_published_bd09(name: str, gcj02: tuple[float, float], bd09: tuple[float, float]) -> None:
    wgs84 = to_wgs84(*gcj02, Datum.GCJ02)
    assert from_wgs84(wgs84, Datum.BD09) == pytest.approx(bd09, abs=1e-8), name
    assert metres_between(to_wgs84(*bd09, Datum.BD09), wgs84) < 0.1, name


def test_the_mix_up_at_zhangshu_is_half_a_walking_circle() -> None:
    mistaken_gcj02 = Position(*from_wgs84(ZHANGSHU, Datum.GCJ02))
    mistaken_bd09 = Position(*from_wgs84(ZHANGSHU, Datum.BD09))
    assert round(metres_between(ZHANGSHU, mistaken_gcj02)) == 620
    assert round(metres_between(ZHANGSHU, mistaken_bd09)) == 1162
    assert metres_between(to_wgs84(mistaken_gcj02.lat, mistaken_gcj02.lng, Datum.GCJ02), ZHANGSHU) < 0.1
    assert metres_between(to_wgs84(mistaken_bd09.lat, mistaken_bd09.lng, Datum.BD09), ZHANGSHU) < 0.1


@given(china, shifted)
@example(Position(35.0, 105.0), Datum.GCJ02)
@example(Position(35.0, 105.0), Datum.BD09)
def test_there_and_back_within_a_tenth_of_a_metre(position: Position, datum: Datum) -> None:
    assert metres_between(to_wgs84(*from_wgs84(position, datum), datum), position) < 0.1


@given(abroad, st.sampled_from(Datum))
def test_outside_china_the_datums_are_one(position: Position, datum: Datum) -> None:
    assert from_wgs84(position, datum) == (position.lat, position.lng)
    assert to_wgs84(position.lat, position.lng, datum) == position


@given(china)
def test_wgs84_is_left_alone(position: Position) -> None:
    assert to_wgs84(position.lat, position.lng, Datum.WGS84) == position
    assert from_wgs84(position, Datum.WGS84) == (position.lat, position.lng)


@pytest.mark.parametrize("datum", Datum)
@pytest.mark.parametrize(("lat", "lng"), [(91.0, 115.0), (28.0, 181.0), (float("nan"), 115.0)])
def test_degrees_outside_the_earth_are_refused(lat: float, lng: float, datum: Datum) -> None:
    with pytest.raises(ValueError, match="must be a number from"):
        to_wgs84(lat, lng, datum)


def test_each_map_gets_its_own_datum() -> None:
    links = map_links(ZHANGSHU, "药都大道 1 号", Mode.EBIKE)
    assert set(links) == {"amap", "baidu", "geo"}

    amap = urlsplit(links["amap"])
    assert (amap.scheme, amap.netloc, amap.path) == ("https", "uri.amap.com", "/navigation")
    query = parse_qs(amap.query)
    lng, lat, name = query["to"][0].split(",")
    assert to_wgs84(float(lat), float(lng), Datum.GCJ02).lat == pytest.approx(ZHANGSHU.lat, abs=2e-6)
    assert to_wgs84(float(lat), float(lng), Datum.GCJ02).lng == pytest.approx(ZHANGSHU.lng, abs=2e-6)
    assert (name, query["mode"], query["coordinate"]) == ("药都大道 1 号", ["ride"], ["gaode"])

    baidu = urlsplit(links["baidu"])
    assert (baidu.scheme, baidu.netloc, baidu.path) == ("https", "api.map.baidu.com", "/marker")
    query = parse_qs(baidu.query)
    lat, lng = query["location"][0].split(",")
    assert to_wgs84(float(lat), float(lng), Datum.BD09).lat == pytest.approx(ZHANGSHU.lat, abs=2e-6)
    assert to_wgs84(float(lat), float(lng), Datum.BD09).lng == pytest.approx(ZHANGSHU.lng, abs=2e-6)
    assert (query["coord_type"], query["title"]) == (["bd09ll"], ["药都大道 1 号"])

    assert unquote(links["geo"]) == "geo:28.056000,115.546000?q=28.056000,115.546000(药都大道 1 号)"


def test_a_name_cannot_change_a_link() -> None:
    links = map_links(ZHANGSHU, "A&mode=bus, #1 (后门)?", Mode.WALK)
    query = parse_qs(urlsplit(links["amap"]).query)
    assert query["mode"] == ["walk"]
    assert query["to"][0].count(",") == 2
    assert query["to"][0].endswith("A&mode=bus  #1 (后门)?")
    assert parse_qs(urlsplit(links["baidu"]).query)["title"] == ["A&mode=bus, #1 (后门)?"]
    assert links["geo"].count("(") == links["geo"].count(")") == 1
