"""The real city of the road benchmarks: Porto, cut by a river with few bridges, as an OpenStreetMap extract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gigmarket.domain.geo import Position

EXTRACT = Path(__file__).resolve().parents[3] / "shared" / "roads" / "porto_portugal.osm.pbf"
"""Beside the project, not in it. © OpenStreetMap contributors, ODbL 1.0."""

CENTRE = Position(41.150, -8.610)


def missing() -> str | None:
    """Why the city can't be measured here, in one line; None when it can."""
    return None if EXTRACT.is_file() else f"no extract at {EXTRACT.name} in ../shared/roads"


def skipped(name: str, unit: str, reason: str) -> dict[str, Any]:
    """What a benchmark says that could not be measured."""
    nothing = {"value": None, "floor": None, "ratio": None}
    return {"name": name, **nothing, "unit": unit, "detail": {"skipped": reason}}


@contextmanager
def built() -> Iterator[Path]:
    """A roads folder of the city, built anew and thrown away afterwards."""
    from gigmarket.travel.roads.build import build

    with TemporaryDirectory(prefix="gigmarket-roads-") as folder:
        out = Path(folder) / "roads"
        build(EXTRACT, out)
        yield out
