"""`gigmarket simulate`: a day from two CSV files under ours and the baselines, side by side."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence, Set
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from gigmarket.domain.policy import DEFAULT, Policy, changed
from gigmarket.simulation.baselines import free_longest, nearest, run_baseline
from gigmarket.simulation.days import BadDay, Day, read_day
from gigmarket.simulation.ours import run_ours
from gigmarket.simulation.report import Figures, figures
from gigmarket.simulation.world import Columns, ways_of
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine
from gigmarket.travel.streets import DamagedRoads

BASELINES = {"greedy": nearest, "fcfs": free_longest}
COUNTING = frozenset(
    {
        "circle_s", "late_start_s", "round_every_s", "look_ahead_s", "least_gap_s", "early_weight",
        "hours_weight", "share_weight_s", "share_hours_weight", "hold_first_s", "hold_far_s", "hold_most",
        "hold_ratio", "hold_brake", "far_s", "far_times", "plenty", "seat_worth_s", "demand_memory_s",
        "foresight_hold_s",
    }
)  # fmt: skip
"""The policy's numbers by which a simulated day goes. It knows no waiting since yesterday, groups, rest, crews
or draws, and its circles do not grow: all other numbers count in the live market only."""


class BadPolicy(ValueError):
    """A policy file that can't be used; the message says why."""


def simulate(day: Day, router: Router, policy: Policy, compare: Sequence[str]) -> dict[str, Figures]:
    """The day's figures under `ours` and each of `compare` (`greedy`, `fcfs`), in that order."""
    columns = Columns(day)
    ways = ways_of(columns, router, policy.circle_s)
    found = {"ours": figures(columns, run_ours(columns, ways, policy))}
    for name in compare:
        found[name] = figures(columns, run_baseline(columns, ways, policy, BASELINES[name]))
    return found


def main(
    gigs: Path,
    workers: Path,
    roads: Path | None = None,
    policy: Path | None = None,
    compare: Sequence[str] = (),
    json: bool = False,
) -> int:
    """Run `gigmarket simulate`: one JSON object or a table on stdout, and 0; one line on stderr, and 2, for
    anything wrong with what was given.
    """
    try:
        unknown = [name for name in compare if name not in BASELINES]
        if unknown:
            raise BadPolicy(f"--compare knows {', '.join(BASELINES)}, not {', '.join(unknown)}")
        rules = read_policy(policy) if policy else DEFAULT
        router: Router = RoadRouter(roads) if roads else StraightLine()
        found = simulate(read_day(gigs, workers), router, rules, compare)
        if idle := without_effect(DEFAULT, rules, COUNTING):
            sys.stderr.write(f"gigmarket: without an effect on a simulated day: {', '.join(idle)}\n")
    except (BadDay, BadPolicy, DamagedRoads, OSError) as error:
        sys.stderr.write(f"gigmarket: {error}\n")
        return 2
    sys.stdout.write(f"{orjson.dumps(found).decode() if json else table(found)}\n")
    return 0


def read_policy(path: Path, base: Policy = DEFAULT) -> Policy:
    """The `base` policy with the numbers of a TOML file, at its top or under [policy].

    Raises BadPolicy for a number there is not, or a value that is none; OSError when unreadable.
    """
    try:
        # Editors put a byte order mark first.
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # Besides its own errors tomllib lets through a number or a nesting too long for Python.
        raise BadPolicy(f"{path.name}: {error}") from None
    beside = sorted(given.keys() - {"policy"}) if "policy" in given else []
    if beside:
        raise BadPolicy(f"{path.name}: {', '.join(beside)} stands outside of [policy]")
    given = given.get("policy", given)
    if not isinstance(given, dict):
        raise BadPolicy(f"{path.name}: [policy] must be a table of numbers")
    try:
        return changed(base, given)
    except ValueError as error:
        raise BadPolicy(f"{path.name}: {error}") from None


def without_effect(before: Policy, after: Policy, counting: Set[str]) -> list[str]:
    """The numbers that two policies have different and that a day goes by neither."""
    return [
        field.name
        for field in fields(Policy)
        if field.name not in counting and getattr(before, field.name) != getattr(after, field.name)
    ]


def table(found: dict[str, Figures]) -> str:
    """The figures as text, one policy per column."""
    names = list(found)
    lines = ["".join([f"{'':16}", *(f"{name:>12}" for name in names)])]
    for key in next(iter(found.values())):
        values = [dict(found[name])[key] for name in names]
        lines.append("".join([f"{key:16}", *(f"{value:>12}" for value in values)]))
    return "\n".join(lines)
