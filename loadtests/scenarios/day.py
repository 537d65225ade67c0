"""`day`: whole days nobody tuned on, ours against greedy-nearest and first-come-first-served.

The days come from seeds that the policy's numbers were not chosen by, and some families had no say in them.
`value` is the seats we fill, `floor` those that greedy fills, both per hundred seats, means over the scarce
families; `ratio` is value / floor. The other figures are in the detail, with the simulated seconds per second.

`python -m loadtests.scenarios.day RESULT.json PLOT.svg` draws a saved result and prints the table.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any, Literal

from gigmarket.domain.policy import DEFAULT
from gigmarket.simulation.charts import dots
from gigmarket.simulation.made import FAMILIES, make_day
from gigmarket.simulation.report import Figures
from gigmarket.simulation.run import simulate
from gigmarket.travel.straight_line import StraightLine
from loadtests.report import Result, versions

DAY_S = 24 * 3600
NOT_SCARCE = frozenset({"walkers", "even", "plentiful"})
"""Days on which greedy fills nearly everything: shown, and not in the mean."""
UNSEEN = NOT_SCARCE
"""Families that no number of the policy was chosen by."""

Sides = Mapping[str, Figures]
Shown = Literal["fill", "travel_s_mean", "wait_s_p90", "jain"]


@dataclass(frozen=True, slots=True)
class Size:
    """How many times a family's seats and workers, and the seeds of its days."""

    times: int = 3
    seeds: tuple[int, ...] = (5001, 5002, 5003, 5004)
    families: tuple[str, ...] = tuple(FAMILIES)


FULL = Size()
TINY = Size(times=1, seeds=(5001,), families=("clustered", "even"))


def run(size: Size = FULL) -> dict[str, Any]:
    """Every family's days under the three policies."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        started = {
            name: [pool.submit(_day, name, size.times, seed) for seed in size.seeds] for name in size.families
        }
        found = {name: [day.result() for day in days] for name, days in started.items()}
    scarce = [sides for name, days in found.items() if name not in NOT_SCARCE for sides in days]
    ours, greedy = (100 * mean(sides[who]["fill"] for sides in scarce) for who in ("ours", "greedy"))
    everything = [sides for days in found.values() for sides in days]
    wall_s = [sides["ours"]["wall_s"] for sides in everything]
    detail = {
        "seeds": size.seeds,
        "scarce": _row(scarce),
        "worst_day_filled": min(_ratio(sides, "filled") for sides in everything),
        "families": {name: _row(days) | {"unseen": name in UNSEEN} for name, days in found.items()},
        "times_real_time": {"least": round(DAY_S / max(wall_s)), "mean": round(DAY_S / mean(wall_s))},
        "versions": versions("numpy", "scipy"),
    }
    return Result(
        "day", round(ours, 2), round(greedy, 2), round(ours / greedy, 4), "% filled", detail
    ).as_dict()


def _day(name: str, times: int, seed: int) -> Sides:
    family = FAMILIES[name]
    large = replace(family, seats=family.seats * times, workers=family.workers * times)
    return simulate(make_day(large, seed), StraightLine(), DEFAULT, ["greedy", "fcfs"])


def _row(days: Sequence[Sides]) -> dict[str, Any]:
    """Means over days: each policy's figures, and ours over greedy's."""
    shown: tuple[Shown, ...] = ("fill", "travel_s_mean", "wait_s_p90", "jain")
    figures = {
        who: {key: round(mean(sides[who][key] for sides in days), 4) for key in shown} for who in days[0]
    }
    against = {
        "filled": round(mean(_ratio(sides, "filled") for sides in days), 4),
        "travel": round(mean(_ratio(sides, "travel_s_mean") for sides in days), 4),
        "wait_p90": _over(figures["ours"]["wait_s_p90"], figures["greedy"]["wait_s_p90"]),
        "jain": round(figures["ours"]["jain"] - figures["greedy"]["jain"], 4),
    }
    return {**figures, "ours_over_greedy": against}


def _ratio(sides: Sides, key: Literal["filled", "travel_s_mean"]) -> float:
    return sides["ours"][key] / sides["greedy"][key]


def _over(ours: float, greedy: float) -> float | None:
    """None where greedy's is 0 and ours is not: no number says how much more that is."""
    return round(ours / greedy, 4) if greedy else None if ours else 1.0


def plot(detail: Mapping[str, Any]) -> str:
    """Seats, travel and p90 wait of ours over greedy's, a row per family, as SVG."""
    against = {_label(name, row): row["ours_over_greedy"] for name, row in detail["families"].items()}
    shown = {"seats ×": "filled", "mean travel ×": "travel", "p90 wait ×": "wait_p90"}
    rows = {
        label: {title: _drawn(ratios[key]) for title, key in shown.items()} for label, ratios in against.items()
    }
    return dots("Ours over greedy-nearest, by family (1 = the same)", rows, 1.0)


def readme_table(detail: Mapping[str, Any]) -> str:
    """The families as a table in Markdown; * marks those that no number was chosen by."""
    rows = [
        "| family | greedy fill | fcfs | ours | seats × | travel × | p90 wait × | Jain |",
        "|---|---|---|---|---|---|---|---|",
    ]
    families = detail["families"]
    shown = [
        *((name, families[name]) for name in families if name not in NOT_SCARCE),
        ("**mean of these**", detail["scarce"]),
        *((name, families[name]) for name in families if name in NOT_SCARCE),
    ]
    for name, row in shown:
        fills = [f"{row[who]['fill']:.3f}" for who in ("greedy", "fcfs", "ours")]
        ratio = row["ours_over_greedy"]
        waits = [row[who]["wait_s_p90"] for who in ("ours", "greedy")]
        wait = f"{ratio['wait_p90']:.3f}" if ratio["wait_p90"] else f"{waits[0]:.0f} s for {waits[1]:.0f} s"
        cells = [*fills, f"{ratio['filled']:.3f}", f"{ratio['travel']:.3f}", wait, f"{ratio['jain']:+.3f}"]
        rows.append(f"| {_label(name, row)} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _label(name: str, row: Mapping[str, Any]) -> str:
    return f"{name} *" if row.get("unseen") else name


def _drawn(ratio: float | None) -> float | None:
    """Beyond 1.5 a dot would press all others together: the table has the number."""
    return ratio if ratio is not None and ratio <= 1.5 else None


if __name__ == "__main__":
    result, drawing = map(Path, sys.argv[1:])
    found = json.loads(result.read_text(encoding="utf-8").splitlines()[-1])["detail"]
    drawing.parent.mkdir(parents=True, exist_ok=True)
    drawing.write_text(plot(found) + "\n", encoding="utf-8")
    print(readme_table(found))
