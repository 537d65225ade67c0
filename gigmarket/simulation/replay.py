"""`gigmarket replay`: a recorded day under the policy it was run by and another one, beside what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import orjson

from gigmarket.domain.policy import Policy
from gigmarket.recording.reader import BadRecording, read
from gigmarket.simulation.ours import run_ours
from gigmarket.simulation.recorded import Filled, Person, RecordedDay, rebuild
from gigmarket.simulation.replay_page import write_page
from gigmarket.simulation.report import jain
from gigmarket.simulation.run import COUNTING, BadPolicy, read_policy, without_effect
from gigmarket.simulation.world import Columns, Outcome, ways_of
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine
from gigmarket.travel.streets import DamagedRoads

ASSUMED = (
    "Under both policies every offer is accepted at once, as in `simulate`: what people would really have "
    "answered is not known.",
    "People stand where the recording first saw them free and then at the site they worked at last; places are "
    "on a grid of about 100 m.",
    "Seats are held for a better match as in the live market (`hold_live_s`), not as `simulate` holds them.",
    "Work done counts as the hours of the gig; in what happened, the hours worked where somebody checked out.",
)
"""What a replay takes for granted; said with every result."""
_FORESEEING = {
    "hold_first_s",
    "hold_ratio",
    "hold_brake",
    "seat_worth_s",
    "demand_memory_s",
    "foresight_hold_s",
}
_COUNTING = (COUNTING | {"hold_live_s"}) - _FORESEEING


class Columned(TypedDict):
    """One column of the comparison: seats, seconds, Jain's index of work per available hour."""

    seats: int
    filled: int
    fill: float
    travel_s_mean: float
    travel_s_p90: float
    wait_s_p90: float
    longest_wait_s: float
    jain: float


class Share(TypedDict):
    """A group's people, and its shares (0 to 1) of all available time and of all work."""

    people: int
    available: float
    work: float


Groups = Mapping[str, Mapping[str, Share]]


@dataclass(frozen=True, slots=True)
class Side:
    """A day under one policy, or as it happened."""

    filled: Sequence[Filled]
    figures: Columned
    groups: Groups


@dataclass(frozen=True, slots=True)
class Replay:
    """What happened, the recorded policy's day and the other's, under their names, in this order."""

    recorded: RecordedDay
    sides: Mapping[str, Side]
    changed: Mapping[str, tuple[float, float]]


def replay(recorded: RecordedDay, other: Policy, name: str, router: Router) -> Replay:
    """Run the recorded day under its own policy and under `other`, by the simulation's matching.

    `name` heads the other's column. Deterministic: the same recording gives the same figures.
    """
    seats = sum(gig.headcount for gig in recorded.day.gigs)
    sides = {"happened": _side(recorded, recorded.happened, seats)}
    for title, policy in (("recorded policy", recorded.policy), (name, other)):
        columns = Columns(recorded.day)
        ways = ways_of(columns, router, policy.circle_s)
        outcome = run_ours(columns, ways, policy, policy.hold_live_s)
        sides[title] = _side(recorded, _filled(recorded, columns, outcome), seats)
    before, after = asdict(recorded.policy), asdict(other)
    changed = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    return Replay(recorded, sides, changed)


def main(
    file: Path, policy: Path, roads: Path | None = None, plots: Path | None = None, json: bool = False
) -> int:
    """Run `gigmarket replay`: one JSON object or tables on stdout, and 0; one line on stderr, and 2, for
    anything wrong with what was given. `plots` is a folder for `replay.html`.
    """
    warnings: list[str] = []
    try:
        recorded = rebuild(read(file, warnings.append))
        other = read_policy(policy, recorded.policy)
        router: Router = RoadRouter(roads) if roads else StraightLine()
        if recorded.header.estimated == bool(roads):
            way = ("straight lines", "roads")
            was, now = (way[not recorded.header.estimated], way[bool(roads)])
            warnings.append(f"the market measured travel by {was}, this replay by {now}")
        if idle := without_effect(recorded.policy, other, _COUNTING):
            warnings.append(f"without an effect on a replayed day: {', '.join(idle)}")
        found = replay(recorded, other, _title(policy), router)
        said = [*ASSUMED, *recorded.notes, *warnings]
        if plots:
            plots.mkdir(parents=True, exist_ok=True)
            write_page(found, said, plots / "replay.html")
    except (BadRecording, BadPolicy, DamagedRoads, OSError) as error:
        sys.stderr.write(f"gigmarket: {error}\n")
        return 2
    text = orjson.dumps(as_json(found, said)).decode() if json else table(found, said)
    sys.stdout.write(f"{text}\n")
    return 0


def as_json(found: Replay, said: Sequence[str]) -> dict[str, Any]:
    """The replay as one JSON object; the keys under `sides` are the columns of the table."""
    header = found.recorded.header
    return {
        "day": header.day,
        "software": header.software,
        "estimated": header.estimated,
        "offers": {"made": found.recorded.offers, "accepted": found.recorded.accepted},
        "rounds": found.recorded.rounds,
        "policy_changed": {name: list(values) for name, values in found.changed.items()},
        "sides": {name: {"figures": side.figures, "groups": side.groups} for name, side in found.sides.items()},
        "said": list(said),
    }


def table(found: Replay, said: Sequence[str]) -> str:
    """The replay as text: figures side by side, then each group's share of work, then what was assumed."""
    recorded = found.recorded
    head = f"{recorded.header.day}: {recorded.offers} offers made, {recorded.accepted} accepted"
    lines = [head, *(f"{name}: {was} → {now}" for name, (was, now) in found.changed.items()), ""]
    names = list(found.sides)
    width = max(16, *(len(name) + 2 for name in names))
    lines.append(f"{'':34}" + "".join(f"{name:>{width}}" for name in names))
    for key in Columned.__annotations__:
        values = [dict(found.sides[name].figures)[key] for name in names]
        lines.append(f"{key:34}" + "".join(f"{value:>{width}}" for value in values))
    lines.append("share of work (of available time)")
    for kind, groups in found.sides["happened"].groups.items():
        for label, share in groups.items():
            row = f"{kind} {label} ({share['available']:.1%})"
            work = [found.sides[name].groups[kind][label]["work"] for name in names]
            lines.append(f"  {row:32}" + "".join(f"{value:>{width}.1%}" for value in work))
    return "\n".join([*lines, "", *said])


def _title(policy: Path) -> str:
    taken = {"happened", "recorded policy"}
    name = policy.stem[:24]
    return f"{name} (policy)" if name in taken else name


def _filled(recorded: RecordedDay, columns: Columns, outcome: Outcome) -> list[Filled]:
    return [
        Filled(
            columns.gigs[booking.gig].id,
            recorded.person_of[columns.workers[booking.worker].id],
            float(columns.posted[booking.gig]),
            booking.offered,
            booking.travel_s,
            float(columns.length[booking.gig]),
        )
        for booking in outcome.bookings
    ]


def _side(recorded: RecordedDay, filled: Sequence[Filled], seats: int) -> Side:
    travel = np.array([one.travel_s for one in filled if one.travel_s is not None])
    waits = np.array([max(0.0, one.offered - one.posted) for one in filled])
    worked = worked_by(filled)
    shares = [
        worked.get(person.name, 0.0) / person.available_s
        for person in recorded.people.values()
        if person.available_s >= 3600
    ]
    figures = Columned(
        seats=seats,
        filled=len(filled),
        fill=round(len(filled) / seats, 4),
        travel_s_mean=round(float(travel.mean()), 1) if travel.size else 0.0,
        travel_s_p90=_p90(travel),
        wait_s_p90=_p90(waits),
        longest_wait_s=round(float(waits.max()), 1) if waits.size else 0.0,
        jain=round(jain(np.array(shares)), 4),
    )
    return Side(filled, figures, _groups(recorded.people, worked))


def worked_by(filled: Sequence[Filled]) -> dict[str, float]:
    """Seconds of work by person."""
    worked: dict[str, float] = {}
    for one in filled:
        worked[one.person] = worked.get(one.person, 0.0) + one.worked_s
    return worked


def _p90(values: np.typing.NDArray[np.float64]) -> float:
    return round(float(np.percentile(values, 90)), 1) if values.size else 0.0


def _groups(people: Mapping[str, Person], worked: Mapping[str, float]) -> Groups:
    kinds: dict[str, Callable[[Person], Sequence[str]]] = {
        "group": lambda person: person.groups or ("none",),
        "mode": lambda person: (person.mode.value,),
        "channel": lambda person: ("hall" if person.hall else "phone",),
    }
    available = sum(person.available_s for person in people.values()) or 1.0
    work = sum(worked.get(name, 0.0) for name in people) or 1.0
    found: dict[str, dict[str, Share]] = {}
    for kind, labels in kinds.items():
        shares = found.setdefault(kind, {})
        for label in sorted({label for person in people.values() for label in labels(person)}):
            mine = [person for person in people.values() if label in labels(person)]
            shares[label] = Share(
                people=len(mine),
                available=round(sum(person.available_s for person in mine) / available, 4),
                work=round(sum(worked.get(person.name, 0.0) for person in mine) / work, 4),
            )
    return found
