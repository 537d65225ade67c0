"""Columns of a round from a few rows of fields: one gig, one porter ten minutes away, and what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from gigmarket.domain.matching import Edges, Openings, Plan, Slots
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict

STARTS, ENDS, LATEST = 3600.0, 18_000.0, 4500.0
"""The usual gig, posted at 0 of the clock: from one hour on for four hours, to be reached 15 minutes late."""

_OPENING: dict[str, Any] = {
    "posted": 0.0, "starts": STARTS, "ends": ENDS, "latest": LATEST,
    "pay": 18_000.0, "trade": 0, "seats": 1, "circle": 900.0, "crew": 1, "vacated": False,
}  # fmt: skip
_SLOT: dict[str, Any] = {
    "worker": 0, "trades": 0b11, "floor": 18_000.0, "free": -np.inf, "before": np.inf, "until": np.inf,
    "reach": 900.0, "share": 0.0, "demand": 0.0, "credit": 0.0, "ticket": 0.0,
    "offered": False, "engaged": False, "punctual": False, "crew": -1, "party": 1,
}  # fmt: skip
_EDGE: dict[str, Any] = {
    "gig": 0, "slot": 0, "travel": 600.0, "onward": 0.0, "declined": False, "resting": False
}  # fmt: skip

Row = Mapping[str, Any]
Columns = TypeVar("Columns", Openings, Slots, Edges)


def openings(*rows: Row) -> Openings:
    """Gigs: the usual one with some fields changed, per row."""
    return _columns(Openings, _OPENING, rows)


def slots(*rows: Row) -> Slots:
    """Stretches of free time, each of another worker unless told."""
    return _columns(Slots, _SLOT, [{"worker": i, **row} for i, row in enumerate(rows)])


def edges(*rows: Row) -> Edges:
    """Pairs of a gig row and a slot row, of the first gig and the slot in the same place unless told."""
    return _columns(Edges, _EDGE, [{"slot": i, **row} for i, row in enumerate(rows)])


def _columns(kind: type[Columns], usual: Row, rows: Sequence[Row]) -> Columns:
    for row in rows:
        assert row.keys() <= usual.keys()
    fields = {
        name: np.array([row.get(name, value) for row in rows], dtype=np.asarray(value).dtype)
        for name, value in usual.items()
    }
    return kind(**fields)


def verdicts(plan: Plan) -> list[Verdict]:
    """The deciding verdict of each edge."""
    return [ORDER[code] for code in plan.codes.tolist()]


@dataclass(frozen=True, slots=True)
class Promise:
    """Hours promised: left for at `busy_from`, worked until `ends`, `way_s` from the gig in question."""

    busy_from: float
    starts: float
    ends: float
    way_s: float


def stretches(
    promises: Sequence[Promise], home_s: float, starts: float, policy: Policy, free: float = -np.inf
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Fields of the slots before, between and after promises, and of their edges to a gig that `starts` then.

    `home_s` from where the worker is; after a promise he comes from its site, but from home much later.
    """
    found = []
    ordered = sorted(promises, key=lambda promise: promise.busy_from)
    for last, coming in zip((None, *ordered), (*ordered, None), strict=True):
        slot: dict[str, Any] = {"free": free, "punctual": free > -np.inf}
        edge: dict[str, Any] = {"travel": home_s}
        if last is not None:
            slot |= {"free": last.ends, "punctual": True}
            if starts - last.ends <= policy.home_after_s:
                edge["travel"] = last.way_s
        if coming is not None:
            slot["before"] = coming.busy_from
            edge["onward"] = max(0.0, coming.way_s - (coming.starts - coming.busy_from))
        found.append((slot, edge))
    return found
