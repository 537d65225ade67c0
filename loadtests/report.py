"""What a benchmark says: one JSON object, and a table of all of them."""

import gc
import platform
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from math import floor, log10
from typing import Any

STEPS_PER_DECADE = 12
COLUMNS = ("name", "value", "floor", "ratio", "unit")


@dataclass(frozen=True, slots=True)
class Result:
    """`value` and `floor` in `unit`, from the same run. `ratio` is value / floor: how many times the least
    possible cost ours is.
    """

    name: str
    value: float
    floor: float
    ratio: float
    unit: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The result as the command line prints it."""
        return asdict(self)


def percentiles(samples: Sequence[float]) -> dict[str, float]:
    """p50, p90, p99 and max, nearest rank, to a thousandth. Raises ValueError if empty."""
    if not samples:
        raise ValueError("nothing was measured")
    ordered = sorted(samples)

    def rank(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)

    return {"p50": rank(0.50), "p90": rank(0.90), "p99": rank(0.99), "max": round(ordered[-1], 3)}


def histogram(samples: Sequence[float], unit: str) -> dict[str, Any]:
    """Counts in twelve steps per tenfold: `from` are the lower ends of the steps that have any, ascending."""
    steps = Counter(floor(STEPS_PER_DECADE * log10(max(sample, 1e-6))) for sample in samples)
    ordered = sorted(steps)
    lower = [float(f"{10 ** (step / STEPS_PER_DECADE):.4g}") for step in ordered]
    return {"unit": unit, "from": lower, "count": [steps[step] for step in ordered]}


def steps(found: Mapping[str, Any]) -> dict[float, int]:
    """A histogram's counts by the lower end of the step, the empty steps between others, too."""
    known = {
        round(STEPS_PER_DECADE * log10(low)): n for low, n in zip(found["from"], found["count"], strict=True)
    }
    return {
        float(f"{10 ** (step / STEPS_PER_DECADE):.3g}"): known.get(step, 0)
        for step in range(min(known), max(known) + 1)
    }


def skipped(name: str, reason: str) -> dict[str, Any]:
    """The result of a benchmark that cannot run here."""
    nothing = {"value": None, "floor": None, "ratio": None, "unit": ""}
    return {"name": name, **nothing, "detail": {"skipped": reason}}


def ratio(value: float, least: float | None) -> float | None:
    """How many times the least, if there is one that could be measured."""
    return round(value / least, 4) if least else None


def versions(*packages: str) -> dict[str, str]:
    """Of Python, SQLite and these packages."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{package: version(package) for package in packages},
    }


def quiet_collector() -> None:
    """Spare the measuring process its own garbage collector: nothing it measures should be its own pause."""
    gc.collect()
    gc.freeze()
    gc.disable()


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """Results, as dictionaries, one below the other; what was skipped or failed says why."""
    rows = [COLUMNS, *(tuple(cell(found[column]) for column in COLUMNS) for found in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    notes = [found["detail"].get("skipped") or found["detail"].get("failed") or "" for found in results]
    return "\n".join(f"{line}  {note}".rstrip() for line, note in zip(lines, ["", *notes], strict=True))


def cell(value: Any) -> str:
    """A value as a table shows it."""
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
