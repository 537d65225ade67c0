"""`gigmarket travel`: a table of journeys gets a column `seconds`, along the roads of a folder."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.router import Router

COLUMNS = ("mode", "from_lat", "from_lng", "to_lat", "to_lng")
ADDED = "seconds"


class BadTable(ValueError):
    """A whole table can't be used; the message is one line naming the file and, where it can, the line."""


@dataclass(frozen=True, slots=True)
class TableReport:
    """How many journeys a table had, how many of them are within the limit, and how many rows were bad."""

    rows: int
    reached: int
    bad: int


@dataclass(frozen=True, slots=True)
class _Journey:
    mode: Mode
    start: Position
    end: Position


def add_seconds(
    router: Router, pairs: Path, out: Path, limit_s: float, complain: Callable[[str], None]
) -> TableReport:
    """Copy a UTF-8 CSV of journeys (`COLUMNS`, WGS-84; more columns are kept) with their travel in seconds.

    `seconds` has one decimal, and is empty where the journey takes longer than `limit_s`, where an end is too
    far from any road, and in a row that can't be read: `complain` hears one line about each of those, with its
    line number. Raises BadTable when the file can't be used at all, ValueError for a bad limit.
    """
    header, rows = _table(pairs)
    places = _places(pairs, header)
    journeys: list[_Journey | None] = []
    for line, cells in rows:
        try:
            journeys.append(_journey(header, places, cells))
        except ValueError as error:
            complain(f"{pairs}: line {line}: {error}")
            journeys.append(None)
    seconds = _seconds(router, journeys, limit_s)
    _write(out, header, [cells for _, cells in rows], seconds)
    return TableReport(len(rows), int(np.isfinite(seconds).sum()), journeys.count(None))


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        # Spreadsheets put a byte order mark first.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable(f"{path}: not UTF-8; save it as CSV UTF-8") from error
    except OSError as error:
        raise BadTable(f"{path}: can't be read ({error.strerror})") from error
    numbered = _rows(path, text)
    _, header = next(numbered, (1, []))
    return header, list(numbered)


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of the line on which it ends."""
    reader = csv.reader(StringIO(text, newline=""))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadTable(f"{path}: line {reader.line_num}: {error}") from error
        if cells:
            yield reader.line_num, cells


def _places(path: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise BadTable(f"{path}: line 1: missing column {', '.join(missing)}")
    if ADDED in names:
        raise BadTable(f"{path}: line 1: there is a column {ADDED} already; rename it")
    double = [column for column in COLUMNS if names.count(column) > 1]
    if double:
        raise BadTable(f"{path}: line 1: column {', '.join(double)} stands twice")
    return {column: names.index(column) for column in COLUMNS}


def _journey(header: Sequence[str], places: dict[str, int], cells: Sequence[str]) -> _Journey:
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells under {len(header)} columns")
    name = cells[places["mode"]].strip()
    if name not in set(Mode):
        raise ValueError(f"mode must be {', '.join(Mode)}, not {name!r}")
    lat_from, lng_from, lat_to, lng_to = (_degrees(column, cells[places[column]]) for column in COLUMNS[1:])
    return _Journey(Mode(name), Position(lat_from, lng_from), Position(lat_to, lng_to))


def _degrees(column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(f"{column} must be a number of degrees, not {cell!r}") from error


def _seconds(router: Router, journeys: Sequence[_Journey | None], limit_s: float) -> NDArray[np.float64]:
    together: dict[tuple[Mode, Position], list[int]] = {}
    for row, journey in enumerate(journeys):
        if journey is not None:
            together.setdefault((journey.mode, journey.end), []).append(row)
    seconds = np.full(len(journeys), np.nan)
    for (mode, end), rows in together.items():
        starts = [journey.start for row in rows if (journey := journeys[row]) is not None]
        lat, lng = np.array([start.lat for start in starts]), np.array([start.lng for start in starts])
        seconds[rows] = router.reach(end, mode, limit_s).seconds_many(lat, lng)
    return seconds


def _write(
    out: Path, header: Sequence[str], rows: Sequence[Sequence[str]], seconds: NDArray[np.float64]
) -> None:
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, ADDED])
            for cells, found in zip(rows, seconds.tolist(), strict=True):
                # Also in a row of another length the seconds stand below their heading.
                width = len(header)
                filled = [*cells[:width], *[""] * (width - len(cells))]
                writer.writerow([*filled, "" if math.isnan(found) else f"{found:.1f}", *cells[width:]])
        part.replace(out)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise BadTable(f"{out}: can't be written ({error.strerror})") from error
