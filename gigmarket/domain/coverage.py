"""How many people are within reach of the stations, and where the next stations would reach the most.

Everything here counts cells of people, each cell once, however many stations reach it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import CELL_SIZE_M, EARTH_RADIUS_M, Cell

FEW = 3
"""Fewer people than this are never told as a number: they could be recognised."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """People in all, within reach and beyond it; counts of one or two, and shares of so few, are None."""

    total: int | None
    within: int | None
    beyond: int | None
    share: float | None

    @classmethod
    def of(cls, people: Floats, covered: Flags) -> Share:
        """The share of people whose cells are covered, rounded to a whole per cent."""
        total, within = float(people.sum()), float(people[covered].sum())
        known = total >= FEW
        return cls(
            total=blurred(total),
            within=blurred(within) if known else None,
            beyond=blurred(total - within) if known else None,
            share=round(within / total, 2) if known else None,
        )


@dataclass(frozen=True, slots=True)
class Pick:
    """A site chosen: its number among the candidates, and the people it covers whom nobody covered before."""

    site: int
    gained: float


def blurred(people: float) -> int | None:
    """A count of people as it may be shown: None for one or two."""
    whole = round(people)
    return None if 0 < whole < FEW else whole


def greedy(reaches: Flags, people: Floats, covered: Flags, most: int) -> list[Pick]:
    """Up to `most` sites, one after the other the one that newly covers the most people (ties: the first).

    `reaches` is sites × cells. Together they cover at least 1 − 1/e of what the best choice of as many of these
    sites could add (Nemhauser, Wolsey and Fisher 1978). Stops when nobody is left to gain.
    """
    left = np.where(covered, 0.0, people)
    picks: list[Pick] = []
    while len(picks) < most and reaches.shape[0]:
        gains = reaches @ left
        site = int(np.argmax(gains))
        if gains[site] <= 0:
            break
        picks.append(Pick(site, float(gains[site])))
        left = np.where(reaches[site], 0.0, left)
    return picks


def cell_codes(lat: Floats, lng: Floats, size_m: float = CELL_SIZE_M) -> NDArray[np.int64]:
    """The cells of many WGS-84 positions as single numbers (`cell_of_code`), as `cell_of` finds them."""
    rows = max(1, round(math.pi * EARTH_RADIUS_M / size_m))
    row = np.minimum(((lat + 90.0) * rows / 180.0).astype(np.int64), rows - 1)
    middle = np.radians((row + 0.5) * 180.0 / rows - 90.0)
    cols = np.maximum(1, np.round(2 * math.pi * EARTH_RADIUS_M * np.cos(middle) / size_m)).astype(np.int64)
    east = np.where(lng == 180.0, -180.0, lng)
    col = np.minimum(((east + 180.0) * cols / 360.0).astype(np.int64), cols - 1)
    codes: NDArray[np.int64] = row << 32 | col
    return codes


def code_of(cell: Cell) -> int:
    """A cell as one number that orders as the cell does."""
    return cell.row << 32 | cell.col


def cell_of_code(code: int) -> Cell:
    """The cell of a number made by `cell_codes` or `code_of`."""
    return Cell(code >> 32, code & 0xFFFFFFFF)


def people_by_cell(
    places: Sequence[tuple[float, float, float]], size_m: float = CELL_SIZE_M
) -> dict[Cell, float]:
    """People at places (latitude, longitude, how many) summed per cell."""
    if not places:
        return {}
    table = np.array(places, dtype=np.float64)
    codes, at = np.unique(cell_codes(table[:, 0], table[:, 1], size_m), return_inverse=True)
    sums = np.bincount(at, weights=table[:, 2])
    return {cell_of_code(code): float(n) for code, n in zip(codes.tolist(), sums.tolist(), strict=True)}
