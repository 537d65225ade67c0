"""Counts of workers per map cell, from the scores of a geo set."""

import numpy as np

from gigmarket.domain.geo import Cell, Position, cell_of
from gigmarket.live.geohash import decode_scores


class CellCounter:
    """Counts scores per cell of one size; a worker met again under another trade is not decoded again."""

    def __init__(self, cell_size_m: float) -> None:
        self._size_m = cell_size_m
        self._cells: dict[int, Cell] = {}

    def add(self, scores: bytes, counts: dict[Cell, int]) -> None:
        """Count scores, given in decimal and separated by blanks, into `counts`."""
        values, times = np.unique(np.array(scores.split(), dtype=np.uint64), return_counts=True)
        new = np.array([value for value in values.tolist() if value not in self._cells], dtype=np.uint64)
        lats, lngs = decode_scores(new)
        for value, lat, lng in zip(new.tolist(), lats.tolist(), lngs.tolist(), strict=True):
            self._cells[value] = cell_of(Position(lat, lng), self._size_m)
        for value, n in zip(values.tolist(), times.tolist(), strict=True):
            cell = self._cells[value]
            counts[cell] = counts.get(cell, 0) + n
