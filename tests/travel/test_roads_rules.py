"""OSM tags, mode by mode: who may pass, in which direction, and how fast."""

import pytest

from gigmarket.domain.geo import Mode
from gigmarket.travel.roads.osm_rules import MODES, blocked_modes, way_rule
from gigmarket.travel.roads.osm_values import kilometres_per_hour, seconds_of

W, B, E, M, C = MODES


def speeds(**tags: str) -> tuple[dict[Mode, float], dict[Mode, float]]:
    rule = way_rule({key.replace("__", ":"): value for key, value in tags.items()})
    if rule is None:
        return {}, {}
    along = {mode: speed for mode, speed in zip(MODES, rule.forward, strict=True) if speed}
    against = {mode: speed for mode, speed in zip(MODES, rule.backward, strict=True) if speed}
    return along, against


@pytest.mark.parametrize(
    ("tags", "open_to"),
    [
        ({"highway": "residential"}, {W, B, E, M, C}),
        ({"highway": "motorway"}, {C}),
        ({"highway": "trunk"}, {W, B, E, M, C}),
        ({"highway": "trunk", "motorroad": "yes"}, {M, C}),
        ({"highway": "footway"}, {W}),
        ({"highway": "footway", "bicycle": "yes"}, {W, B, E}),
        ({"highway": "footway", "access": "yes"}, {W}),
        ({"highway": "pedestrian"}, {W}),
        ({"highway": "pedestrian", "area": "yes"}, {W}),
        ({"highway": "service", "area": "yes"}, set()),
        ({"highway": "cycleway"}, {B, E}),
        ({"highway": "cycleway", "foot": "designated"}, {W, B, E}),
        ({"highway": "path"}, {W, B, E}),
        ({"highway": "path", "sac_scale": "alpine_hiking"}, {B, E}),
        ({"highway": "steps"}, {W}),
        ({"highway": "steps", "ramp:bicycle": "yes"}, {W, B, E}),
        ({"highway": "bridleway"}, set()),
        ({"highway": "bridleway", "foot": "yes"}, {W}),
        ({"highway": "track"}, {W, B, E, M, C}),
        ({"highway": "service", "access": "private"}, set()),
        ({"highway": "service", "access": "private", "foot": "yes"}, {W}),
        ({"highway": "service", "access": "no", "bicycle": "designated"}, {B, E}),
        ({"highway": "residential", "access": "destination"}, {W, B, E, M, C}),
        ({"highway": "residential", "motor_vehicle": "no"}, {W, B, E}),
        ({"highway": "residential", "vehicle": "no"}, {W}),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, {W, B, E}),
        ({"highway": "residential", "motorcar": "no"}, {W, B, E, M}),
        ({"highway": "residential", "bicycle": "no", "electric_bicycle": "yes"}, {W, E, M, C}),
        ({"highway": "residential", "access": "agricultural;forestry"}, set()),
        ({"highway": "residential", "foot": "no"}, {B, E, M, C}),
        ({"highway": "residential", "foot": "who_knows"}, {W, B, E, M, C}),
        ({"highway": "footway", "bicycle": "who_knows", "vehicle": "yes"}, {W, B, E, M, C}),
        ({"highway": "footway", "motorcar": "who_knows", "motor_vehicle": "destination"}, {W, M, C}),
        ({"highway": "residential", "smoothness": "impassable"}, {W}),
        ({"highway": "residential", "impassable": "yes"}, set()),
        ({"highway": "construction"}, set()),
        ({"highway": "proposed"}, set()),
        ({"highway": "residential", "oneway": "reversible"}, {W}),
        ({"waterway": "river"}, set()),
        ({"route": "ferry"}, {W, B, E, M, C}),
        ({"route": "ferry", "motor_vehicle": "no"}, {W, B, E}),
        ({"route": "ferry", "access": "no", "foot": "yes"}, {W}),
        ({"route": "ferry", "access": "private"}, set()),
    ],
)
def test_who_may_use_a_way(tags: dict[str, str], open_to: set[Mode]) -> None:
    rule = way_rule(tags)
    found = (
        set()
        if rule is None
        else {mode for mode, a, b in zip(MODES, rule.forward, rule.backward, strict=True) if a or b}
    )
    assert found == open_to


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({}, {W, B, E, M, C}, {W, B, E, M, C}),
        ({"oneway": "yes"}, {W, B, E, M, C}, {W}),
        ({"oneway": "-1"}, {W}, {W, B, E, M, C}),
        ({"oneway": "no"}, {W, B, E, M, C}, {W, B, E, M, C}),
        ({"junction": "roundabout"}, {W, B, E, M, C}, {W}),
        ({"junction": "roundabout", "oneway": "no"}, {W, B, E, M, C}, {W, B, E, M, C}),
        ({"oneway": "yes", "oneway__bicycle": "no"}, {W, B, E, M, C}, {W, B, E}),
        ({"oneway": "yes", "cycleway": "opposite"}, {W, B, E, M, C}, {W, B, E}),
        ({"oneway": "yes", "cycleway__left": "opposite_lane"}, {W, B, E, M, C}, {W, B, E}),
        ({"oneway__bicycle": "yes"}, {W, B, E, M, C}, {W, M, C}),
        ({"oneway__foot": "yes"}, {W, B, E, M, C}, {B, E, M, C}),
        ({"oneway": "yes", "oneway__motorcycle": "no"}, {W, B, E, M, C}, {W, M}),
    ],
)
def test_directions(tags: dict[str, str], along: set[Mode], against: set[Mode]) -> None:
    found = speeds(highway="residential", **tags)
    assert (set(found[0]), set(found[1])) == (along, against)


def test_a_ferry_has_the_directions_of_any_way() -> None:
    assert speeds(route="ferry") == (dict.fromkeys((W, B, E, M, C), 10.0),) * 2
    assert speeds(route="ferry", oneway="yes") == (dict.fromkeys((W, B, E, M, C), 10.0), {W: 10.0})
    assert speeds(route="ferry", oneway="-1", duration="10") == (
        {W: 10.0},
        dict.fromkeys((W, B, E, M, C), 10.0),
    )
    assert speeds(route="ferry", oneway="yes", oneway__motorcar="no")[1] == {W: 10.0, C: 10.0}


def test_a_motorway_is_oneway_by_itself() -> None:
    assert speeds(highway="motorway") == ({C: 95.0}, {})


@pytest.mark.parametrize(
    ("tags", "mode", "km_per_h"),
    [
        ({"highway": "residential"}, W, 5.1),
        ({"highway": "residential"}, B, 18.0),
        ({"highway": "residential"}, E, 22.0),
        ({"highway": "primary"}, C, 50.0),
        ({"highway": "primary"}, M, 38.0),
        ({"highway": "primary", "maxspeed": "30"}, C, 27.0),
        ({"highway": "primary", "maxspeed": "20 mph"}, C, 0.9 * 20 * 1.609344),
        ({"highway": "primary", "maxspeed": "none"}, C, 50.0),
        ({"highway": "primary", "surface": "dirt"}, C, 20.0),
        ({"highway": "primary", "surface": "dirt"}, W, 5.1),
        ({"highway": "primary", "surface": "asphalt"}, B, 18.0),
        ({"highway": "primary", "surface": "gravel"}, B, 0.4 * 18),
        ({"highway": "path"}, B, 0.8 * 18),
        ({"highway": "track"}, B, 0.6 * 18),
        ({"highway": "track", "tracktype": "grade1"}, E, 22.0),
        ({"highway": "track", "tracktype": "grade1", "surface": "sand"}, E, 5.5),
        ({"highway": "footway", "bicycle": "dismount"}, B, 5.1),
        ({"highway": "steps", "ramp:bicycle": "yes"}, B, 5.1),
        ({"highway": "service", "motorcar": "yes"}, C, 15.0),
        ({"highway": "footway", "motorcar": "yes"}, C, 10.0),
        ({"route": "ferry"}, W, 10.0),
    ],
)
def test_how_fast(tags: dict[str, str], mode: Mode, km_per_h: float) -> None:
    rule = way_rule(tags)
    assert rule is not None
    assert rule.forward[MODES.index(mode)] == pytest.approx(km_per_h)


@pytest.mark.parametrize(
    ("tags", "stopped"),
    [
        ({"highway": "crossing"}, set()),
        ({"highway": "crossing", "bicycle": "no"}, set()),
        ({"barrier": "gate"}, set()),
        ({"barrier": "gate", "access": "private"}, {W, B, E, M, C}),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, {B, E, M, C}),
        ({"barrier": "gate", "locked": "yes"}, {W, B, E, M, C}),
        ({"barrier": "bollard"}, {M, C}),
        ({"barrier": "bollard", "motorcycle": "yes"}, {C}),
        ({"barrier": "lift_gate", "motor_vehicle": "private"}, {M, C}),
        ({"barrier": "stile"}, {B, E, M, C}),
        ({"barrier": "wall"}, {W, B, E, M, C}),
        ({"barrier": "kerb"}, set()),
        ({"barrier": "toll_booth"}, set()),
    ],
)
def test_whom_a_node_stops(tags: dict[str, str], stopped: set[Mode]) -> None:
    assert blocked_modes(tags) == stopped


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("00:15", 900),
        ("1:05:30", 3930),
        ("12", 720),
        ("PT20M", 1200),
        ("PT1H", 3600),
        ("P", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_durations(value: str, seconds: float) -> None:
    assert seconds_of(value) == seconds


@pytest.mark.parametrize(
    ("value", "km_per_h"), [("50", 50), ("walk", 5), ("CN:urban", None), ("", None), ("0", None)]
)
def test_speeds(value: str, km_per_h: float | None) -> None:
    assert kilometres_per_hour(value) == km_per_h
