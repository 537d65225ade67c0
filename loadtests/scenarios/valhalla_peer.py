"""Valhalla as the outside reference: tiles built once, travel times asked of a child process.

A child, because the library can end its whole process; one matrix row per call, because one bad point fails all
points of its request.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

Degrees = tuple[float, float]

COSTINGS = {"walk": "pedestrian", "bicycle": "bicycle"}
OPTIONS = {"pedestrian": {"walking_speed": 5.1}, "bicycle": {"cycling_speed": 18.0}}


def missing() -> str | None:
    """Why there is no reference here, in one line; None when there is one."""
    return None if find_spec("valhalla") else "pyvalhalla is not installed (Python 3.12 or later)"


class Peer:
    """Travel times by Valhalla's matrix."""

    def __init__(self, pool: ProcessPoolExecutor, config: Path) -> None:
        self._pool, self._config = pool, config

    def seconds(self, starts: Sequence[Degrees], end: Degrees, mode: str) -> list[float | None]:
        """Seconds from each start to the end (None: no way); a point it can't place is None, not an error."""
        return self._ask(list(starts), end, mode)[0]

    def timed(self, starts: Sequence[Degrees], end: Degrees, mode: str) -> float:
        """Seconds that the matrix itself took, without the way to the child and back."""
        return self._ask(list(starts), end, mode)[1]

    def _ask(self, starts: list[Degrees], end: Degrees, mode: str) -> tuple[list[float | None], float]:
        return self._pool.submit(_matrix, str(self._config), starts, end, mode).result()


@contextmanager
def peer(pbf: Path) -> Iterator[Peer]:
    """Tiles of an extract in a temporary folder, and one child process that answers from them."""
    with TemporaryDirectory(prefix="gigmarket-valhalla-") as folder:
        config = _tiles(pbf, Path(folder))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            yield Peer(pool, config)


def _tiles(pbf: Path, folder: Path) -> Path:
    import valhalla

    # The configuration is refused while its folder is missing.
    (folder / "tiles").mkdir()
    config: dict[str, Any] = valhalla.get_config(tile_dir=str(folder / "tiles"), tile_extract="")
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    for costing in COSTINGS.values():
        limits = config["service_limits"][costing]
        limits["max_matrix_location_pairs"] = 10_000_000
        limits["max_matrix_distance"] = 2_000_000.0
        limits["max_locations"] = 10_000
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    # The binary itself: the console script of the same name looks for itself on PATH.
    binary = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    subprocess.run([str(binary), "-c", str(path), str(pbf)], check=True, capture_output=True)
    return path


@cache
def _actor(config: str) -> Any:
    import valhalla

    return valhalla.Actor(config)


def _matrix(config: str, starts: list[Degrees], end: Degrees, mode: str) -> tuple[list[float | None], float]:
    """In the child: one matrix of all starts, split in halves round a point that is refused."""
    costing = COSTINGS[mode]
    request = json.dumps(
        {
            "sources": [{"lat": lat, "lon": lng} for lat, lng in starts],
            "targets": [{"lat": end[0], "lon": end[1]}],
            "costing": costing,
            "costing_options": {costing: OPTIONS[costing]},
            "verbose": False,
        }
    )
    actor = _actor(config)
    began = perf_counter()
    try:
        answer = actor.matrix(request)
    except RuntimeError:
        if len(starts) == 1:
            return [None], perf_counter() - began
        half = len(starts) // 2
        first, first_s = _matrix(config, starts[:half], end, mode)
        second, second_s = _matrix(config, starts[half:], end, mode)
        return first + second, first_s + second_s
    took = perf_counter() - began
    rows = json.loads(answer)["sources_to_targets"]["durations"]
    return [row[0] for row in rows], took
