"""The straight-line circle: the contract's factors, its edge, and one answer for one and for many."""

import math

import numpy as np
import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position, metres_between
from gigmarket.travel.router import Reach, Router
from gigmarket.travel.straight_line import SPEEDS, Speed, StraightLine, metres_to

SITE = Position(28.0600, 115.5500)
ROUTER: Router = StraightLine()

near = st.builds(Position, st.floats(27.8, 28.3), st.floats(115.2, 115.9))
anywhere = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("mode", "km_per_h", "detour", "assumed"),
    [
        (Mode.WALK, 5.1, 1.46, False),
        (Mode.BICYCLE, 18.0, 1.70, False),
        (Mode.EBIKE, 22.0, 1.68, False),
        (Mode.MOTORBIKE, 30.0, 1.5, True),
        (Mode.CAR, 35.0, 1.5, True),
    ],
)
def test_the_contracts_factors(mode: Mode, km_per_h: float, detour: float, assumed: bool) -> None:
    assert SPEEDS[mode] == Speed(km_per_h, detour, assumed)
    reach = ROUTER.reach(SITE, mode, 7200.0)
    kilometre_north = Position(SITE.lat + math.degrees(1000 / EARTH_RADIUS_M), SITE.lng)
    assert reach.seconds(kilometre_north) == pytest.approx(3600 * detour / km_per_h, rel=1e-9)
    assert ROUTER.radius_m(mode, 900.0) == pytest.approx(1000 * km_per_h / 4 / detour, rel=1e-12)


def test_fifteen_minutes_on_foot_is_less_than_a_kilometre() -> None:
    assert ROUTER.radius_m(Mode.WALK, 900.0) == pytest.approx(873.3, abs=0.1)
    assert ROUTER.radius_m(Mode.EBIKE, 900.0) == pytest.approx(3273.8, abs=0.1)


def test_times_are_estimates() -> None:
    assert ROUTER.estimated is True


@given(near, st.sampled_from(Mode), st.floats(0, 3600))
def test_within_the_circle_there_is_a_time_and_beyond_it_none(
    position: Position, mode: Mode, limit_s: float
) -> None:
    speed = SPEEDS[mode]
    expected = great_circle((SITE.lat, SITE.lng), (position.lat, position.lng)).m * 3.6 * speed.detour
    expected /= speed.km_per_h
    seconds = ROUTER.reach(SITE, mode, limit_s).seconds(position)
    if seconds is None:
        assert expected > limit_s * (1 - 1e-6) - 1e-3
    else:
        # geopy's mean radius, 6371.009 km, is a little rounder than ours.
        assert seconds == pytest.approx(expected, rel=1e-6, abs=1e-3)
        assert seconds <= limit_s


@given(st.lists(near, max_size=30), st.sampled_from(Mode))
def test_many_get_the_answers_each_would_get(positions: list[Position], mode: Mode) -> None:
    reach: Reach = ROUTER.reach(SITE, mode, 900.0)
    lat = np.array([position.lat for position in positions], dtype=np.float64)
    lng = np.array([position.lng for position in positions], dtype=np.float64)
    singly = [reach.seconds(position) for position in positions]
    expected = np.array([math.nan if seconds is None else seconds for seconds in singly], dtype=np.float64)
    np.testing.assert_allclose(reach.seconds_many(lat, lng), expected, rtol=1e-9, atol=1e-6)


@given(anywhere, anywhere)
def test_metres_to_many_agrees_with_metres_between_two(site: Position, position: Position) -> None:
    metres = metres_to(site, np.array([position.lat]), np.array([position.lng]))
    assert metres[0] == pytest.approx(metres_between(site, position), rel=1e-7, abs=1e-3)


def test_the_site_itself_is_inside_even_a_circle_of_nothing() -> None:
    reach = ROUTER.reach(SITE, Mode.WALK, 0.0)
    assert reach.limit_s == 0.0
    assert reach.seconds(SITE) == 0.0
    assert reach.seconds(Position(SITE.lat + 0.001, SITE.lng)) is None


def test_an_unknown_position_is_beyond_every_limit_and_shapes_are_kept() -> None:
    lat = np.array([[SITE.lat, np.nan], [0.0, SITE.lat]])
    lng = np.array([[SITE.lng, SITE.lng], [0.0, np.nan]])
    seconds = ROUTER.reach(SITE, Mode.CAR, 900.0).seconds_many(lat, lng)
    assert np.isnan(seconds).tolist() == [[False, True], [True, True]]
    assert seconds[0, 0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("limit_s", [-1.0, math.nan, math.inf])
def test_a_limit_must_be_a_number_of_seconds(limit_s: float) -> None:
    with pytest.raises(ValueError, match="travel limit must be"):
        ROUTER.reach(SITE, Mode.WALK, limit_s)
    with pytest.raises(ValueError, match="travel limit must be"):
        ROUTER.radius_m(Mode.WALK, limit_s)


def test_a_city_sets_its_own_factors_for_every_mode() -> None:
    hilly = StraightLine({mode: Speed(10.0, 2.0) for mode in Mode})
    assert hilly.radius_m(Mode.CAR, 3600.0) == pytest.approx(5000.0)
    with pytest.raises(ValueError, match="no speed for bicycle, ebike, motorbike, car"):
        StraightLine({Mode.WALK: Speed(5.0, 1.4)})


@pytest.mark.parametrize(
    ("km_per_h", "detour"), [(0.0, 1.5), (-5.0, 1.5), (math.nan, 1.5), (5.0, 0.9), (5.0, math.inf)]
)
def test_a_speed_must_be_possible(km_per_h: float, detour: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        Speed(km_per_h, detour)


def test_the_table_of_speeds_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SPEEDS[Mode.WALK] = Speed(50.0, 1.0)  # type: ignore[index]
