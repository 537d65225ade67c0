"""A day of gigs and workers: the two CSV files of the contract, read strictly and written back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TypeVar

from gigmarket.domain.geo import Mode, Position

GIG_COLUMNS = ("id", "posted_at", "starts_at", "ends_at", "lat", "lng", "trade", "headcount", "wage_fen")
WORKER_COLUMNS = ("id", "available_from", "available_to", "lat", "lng", "trades", "mode", "floor_wage_fen")
MOST_SEATS = 100_000
"""Far more than any gig has, so a typing error."""
MOST_FEN = 1_000_000_000
"""Ten million yuan for one gig: the same."""
LONGEST_ID = 200
_SHOWN = 40
"""Characters of a wrong value that a message repeats."""

Entry = TypeVar("Entry")


class BadDay(ValueError):
    """A file that is no day; the message names file, line and column."""


@dataclass(frozen=True, slots=True)
class DayGig:
    """One posting: `headcount` seats at a site (WGS-84), times with an offset, pay in fen for the whole gig."""

    id: str
    posted_at: datetime
    starts_at: datetime
    ends_at: datetime
    site: Position
    trade: str
    headcount: int
    wage_fen: int


@dataclass(frozen=True, slots=True)
class DayWorker:
    """One worker of the day: offers are made from `available_from` until before `available_to`."""

    id: str
    available_from: datetime
    available_to: datetime
    home: Position
    trades: frozenset[str]
    mode: Mode
    floor_wage_fen: int


@dataclass(frozen=True, slots=True)
class Day:
    """Gigs and workers in the order of their files."""

    gigs: tuple[DayGig, ...]
    workers: tuple[DayWorker, ...]


def read_day(gigs: Path, workers: Path) -> Day:
    """The day in two CSV files (UTF-8, a header line, columns in any order, more columns are ignored).

    Raises BadDay with file, line and column for the first thing that is wrong; OSError when unreadable.
    """
    return Day(tuple(_read(gigs, GIG_COLUMNS, _gig)), tuple(_read(workers, WORKER_COLUMNS, _worker)))


def write_day(day: Day, gigs: Path, workers: Path) -> None:
    """Write a day as the two CSV files of the contract; `read_day` gives it back."""
    _write(
        gigs,
        GIG_COLUMNS,
        [
            (
                g.id,
                *_iso(g.posted_at, g.starts_at, g.ends_at),
                *_place(g.site),
                g.trade,
                g.headcount,
                g.wage_fen,
            )
            for g in day.gigs
        ],
    )
    _write(
        workers,
        WORKER_COLUMNS,
        [(w.id, *_iso(w.available_from, w.available_to), *_place(w.home), *_skills(w)) for w in day.workers],
    )


def _iso(*moments: datetime) -> tuple[str, ...]:
    return tuple(moment.isoformat() for moment in moments)


def _place(position: Position) -> tuple[float, float]:
    return position.lat, position.lng


def _skills(worker: DayWorker) -> tuple[str, str, int]:
    return ";".join(sorted(worker.trades)), worker.mode.value, worker.floor_wage_fen


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


class _Row:
    """One line of a file; its readers raise BadDay with the line's number and the column's name."""

    def __init__(self, where: str, values: dict[str, str]) -> None:
        self.where = where
        self.values = values

    def fault(self, column: str, reason: str) -> BadDay:
        return BadDay(f"{self.where}, {column}: {reason}")

    def text(self, column: str) -> str:
        value = self.values[column]
        if not value:
            raise self.fault(column, "is empty")
        return value

    def id(self) -> str:
        value = self.text("id")
        if len(value) > LONGEST_ID:
            raise self.fault("id", f"must be at most {LONGEST_ID} characters, not {len(value):,}")
        return value

    def moment(self, column: str) -> datetime:
        value = self.text(column)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self.fault(column, f"{_shown(value)} is not an ISO 8601 time") from None
        if moment.utcoffset() is None:
            raise self.fault(column, f"{value!r} has no offset (write +08:00 or Z)")
        return moment

    def whole(self, column: str, least: int, most: int) -> int:
        value = self.text(column)
        try:
            number = int(value)
        except ValueError:
            raise self.fault(column, f"{_shown(value)} is not a whole number") from None
        if number < least:
            raise self.fault(column, f"must be at least {least}, not {number}")
        if number > most:
            raise self.fault(column, f"must be at most {most}, not {_shown(value)}")
        return number

    def degrees(self, column: str) -> float:
        value = self.text(column)
        try:
            return float(value)
        except ValueError:
            raise self.fault(column, f"{_shown(value)} is not a number of degrees") from None

    def position(self) -> Position:
        lat, lng = self.degrees("lat"), self.degrees("lng")
        try:
            return Position(lat, lng)
        except ValueError as error:
            raise self.fault("lat, lng", str(error)) from None


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def _gig(row: _Row) -> DayGig:
    gig = DayGig(
        id=row.id(),
        posted_at=row.moment("posted_at"),
        starts_at=row.moment("starts_at"),
        ends_at=row.moment("ends_at"),
        site=row.position(),
        trade=row.text("trade"),
        headcount=row.whole("headcount", 1, MOST_SEATS),
        wage_fen=row.whole("wage_fen", 0, MOST_FEN),
    )
    if gig.ends_at <= gig.starts_at:
        raise row.fault("ends_at", "must be after starts_at")
    return gig


def _worker(row: _Row) -> DayWorker:
    mode = row.text("mode")
    if mode not in {known.value for known in Mode}:
        raise row.fault("mode", f"{_shown(mode)} is none of {', '.join(known.value for known in Mode)}")
    trades = frozenset(code.strip() for code in row.text("trades").split(";") if code.strip())
    if not trades:
        raise row.fault("trades", "names no trade")
    worker = DayWorker(
        id=row.id(),
        available_from=row.moment("available_from"),
        available_to=row.moment("available_to"),
        home=row.position(),
        trades=trades,
        mode=Mode(mode),
        floor_wage_fen=row.whole("floor_wage_fen", 0, MOST_FEN),
    )
    if worker.available_to < worker.available_from:
        raise row.fault("available_to", "must not be before available_from")
    return worker


def _read(path: Path, columns: Sequence[str], read: Callable[[_Row], Entry]) -> Iterator[Entry]:
    lines = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise BadDay(f"{path.name} line 1: no column {', '.join(missing)}")
        double = [name for name in columns if header.count(name) > 1]
        if double:
            raise BadDay(f"{path.name} line 1: column {', '.join(double)} stands twice")
        seen: dict[str, int] = {}
        for values in lines:
            # Spreadsheets leave rows of commas or spaces behind.
            if not any(map(str.strip, values)):
                continue
            row = _Row(f"{path.name} line {lines.line_num}", _named(path, lines.line_num, header, values))
            _new(row, seen, lines.line_num)
            yield read(row)
    except csv.Error as error:
        raise BadDay(f"{path.name} line {lines.line_num}: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadDay(f"{path.name} line {line}: not UTF-8; save it as CSV UTF-8") from None


def _named(path: Path, line: int, header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    if len(values) != len(header):
        raise BadDay(f"{path.name} line {line}: {len(values)} fields where the header has {len(header)}")
    return {name: value.strip() for name, value in zip(header, values, strict=True)}


def _new(row: _Row, seen: dict[str, int], line: int) -> None:
    name = row.id()
    if name in seen:
        raise row.fault("id", f"{name!r} was on line {seen[name]} already")
    seen[name] = line
