"""Benchmarks' results as one HTML page: the numbers, a histogram of each row of latencies, a soak's curves."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from gigmarket.simulation.charts import bars, curves
from gigmarket.simulation.pages import bullets, document, grid
from loadtests.report import COLUMNS, cell, steps

LONGEST = 300
"""A text or list longer than this is in the JSON, not on the page."""


def page(results: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """The page's text. `results` as the benchmarks return them."""
    machine = f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, {platform.machine()}"
    rows = [[cell(found[column]) for column in COLUMNS] for found in results]
    parts = [
        bullets([f"{now:%Y-%m-%d %H:%M} UTC", machine, "Trust the ratios, not the times."]),
        grid(COLUMNS, rows),
        *(part for found in results for part in _section(found)),
    ]
    return document("Load tests", "en", parts)


def _section(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{escape(found['name'])}</h2>"
    detail = found["detail"]
    yield grid(["", ""], [[name, value] for name, value in _numbers(detail)])
    for name, one in _histograms(detail):
        rows = {f"{low:g} {one['unit']}": float(count) for low, count in steps(one).items()}
        yield bars(f"{found['name']}: {name}", f"how many took so many {one['unit']} or more", rows)
    if "sights" in detail:
        yield from _seen(detail["sights"])


def _seen(sights: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a soak saw over time: memory by process, then each of the other counts."""
    minutes = [sight["at_s"] / 60 for sight in sights]

    def over_time(values: Sequence[float]) -> list[tuple[float, float]]:
        return list(zip(minutes, values, strict=True))

    kinds = {kind: over_time([sight["mib"].get(kind, 0.0) for sight in sights]) for kind in sights[0]["mib"]}
    for first in range(0, len(kinds), 3):
        few = dict(list(kinds.items())[first : first + 3])
        yield curves("Memory of the processes", "minutes", "MiB", few)
    for name in ("sockets", "tasks", "keys", "live_mib", "database_mib"):
        yield curves(name, "minutes", name, {name: over_time([float(sight[name]) for sight in sights])})


def _histograms(detail: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in detail.items():
        if not isinstance(value, Mapping):
            continue
        if value.keys() >= {"unit", "from", "count"}:
            yield above + name, value
        else:
            yield from _histograms(value, f"{above}{name} ")


def _numbers(detail: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every number and short text with the names it is under; histograms are drawn instead."""
    for name, value in detail.items():
        if isinstance(value, Mapping):
            if not value.keys() >= {"unit", "from", "count"}:
                yield from _numbers(value, f"{above}{name} ")
        elif len(said := cell(value)) <= LONGEST:
            yield above + name, said
