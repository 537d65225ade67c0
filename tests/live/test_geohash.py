import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Position, metres_between
from gigmarket.live.connection import Client
from gigmarket.live.geohash import LAT_MAX, decode_scores, encode_positions
from gigmarket.live.keys import Keys

lats = st.floats(-LAT_MAX, LAT_MAX)
lngs = st.floats(-180, 180)


@given(st.lists(st.tuples(lats, lngs), min_size=1))
def test_decoded_is_within_half_a_cell_of_what_was_encoded(points: list[tuple[float, float]]) -> None:
    lat, lng = np.array(points).T
    scores = encode_positions(lat, lng)
    assert scores.max() < 1 << 52
    for place, back in zip(points, zip(*decode_scores(scores), strict=True), strict=True):
        assert metres_between(Position(*place), Position(*map(float, back))) < 0.4


@given(lats.filter(lambda lat: lat < 85), lngs.filter(lambda lng: lng < 180))
def test_encoding_a_decoded_score_gives_the_score(lat: float, lng: float) -> None:
    scores = encode_positions(np.array([lat]), np.array([lng]))
    assert encode_positions(*decode_scores(scores)).tolist() == scores.tolist()


def test_the_poles_count_as_the_edge() -> None:
    pole = encode_positions(np.array([90.0, -90.0]), np.array([180.0, -180.0]))
    edge = encode_positions(np.array([LAT_MAX, -LAT_MAX]), np.array([180.0, -180.0]))
    assert pole.tolist() == edge.tolist()
    assert pole[1] == 0


async def test_scores_and_positions_are_those_of_the_server(redis: Client, keys: Keys) -> None:
    rng = np.random.default_rng(7)
    lat, lng = rng.uniform(-85, 85, 2000), rng.uniform(-180, 180, 2000)
    lat[:2], lng[:2] = (28.0560, -LAT_MAX), (115.5460, -180.0)
    points = [v for n in range(2000) for v in (float(lng[n]), float(lat[n]), str(n))]
    await redis.geoadd(keys.positions, points)

    kept = await redis.zmscore(keys.positions, [str(n) for n in range(2000)])
    assert encode_positions(lat, lng).tolist() == [int(score) for score in kept if score is not None]

    answer = await redis.geopos(keys.positions, *range(2000))
    theirs = np.array([[float(at) for at in point] for point in answer if point])
    ours = decode_scores(np.array(kept, dtype=np.uint64))
    np.testing.assert_allclose(ours, (theirs[:, 1], theirs[:, 0]), rtol=0, atol=1e-12)
