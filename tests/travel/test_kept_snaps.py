"""Where positions stand on the roads, kept: the same as looked up anew, whoever is asked for in which order."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads.kept_snaps import Floats, KeptSnaps
from gigmarket.travel.roads.snap import Snaps
from tests.travel.roads_town import at, river_town


@pytest.fixture(scope="module")
def snap(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Floats, Floats], Snaps]:
    """Looks positions up on the streets of a small town."""
    router = river_town().router(tmp_path_factory.mktemp("river"))
    return lambda lat, lng: router.snap_many(Mode.WALK, lat, lng)


def asked(positions: list[Position]) -> tuple[Floats, Floats]:
    return np.array([p.lat for p in positions]), np.array([p.lng for p in positions])


@pytest.mark.parametrize("most", [1, 7, 20, 1000])
def test_everybody_stands_where_he_stands_however_many_are_kept(
    snap: Callable[[Floats, Floats], Snaps], most: int
) -> None:
    rng, people = random.Random(1), [at(50 * number, -400 + 13 * number) for number in range(20)]
    kept = KeptSnaps(snap, most)
    for _ in range(30):
        some = rng.choices(people, k=rng.randint(0, 8))
        found, anew = kept.snaps(*asked(some)), snap(*asked(some))
        assert found.edge.tolist() == anew.edge.tolist()
        assert found.along.tolist() == anew.along.tolist()
        assert found.metres.tolist() == anew.metres.tolist()


def test_who_does_not_move_is_not_looked_up_again_until_too_many_are_kept(
    snap: Callable[[Floats, Floats], Snaps],
) -> None:
    looked_up: list[int] = []

    def counting(lat: Floats, lng: Floats) -> Snaps:
        looked_up.append(len(lat))
        return snap(lat, lng)

    kept, people = KeptSnaps(counting, most=6), [at(50 * number, -400) for number in range(6)]
    for some in ([], people[:3], people[:3], people[2:4], people, people[:1]):
        kept.snaps(*asked(some))
    # Six more beside the four that are kept would be too many.
    assert looked_up == [0, 3, 1, 6, 1]
