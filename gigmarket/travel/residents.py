"""Where the residents of a city live, from a table of the city's own: how many people at which place."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from gigmarket.domain.geo import Position

COLUMNS = ("lat", "lng", "people")
MOST_ROWS = 200_000

Place = tuple[float, float, float]


class BadResidents(ValueError):
    """A table of residents can't be used; the message is one line naming the file and the line in it."""


def load_residents(path: Path) -> tuple[Place, ...]:
    """Places (WGS-84 latitude, longitude, people ≥ 0) of a UTF-8 CSV with `COLUMNS`; more columns are ignored.

    A row may be a point, a block or a cell of a census grid. Raises BadResidents for the first fault.
    """
    try:
        # Spreadsheets put a byte order mark first.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadResidents(f"{path.name}: not UTF-8; save it as CSV UTF-8") from error
    except OSError as error:
        raise BadResidents(f"{path.name}: can't be read ({error.strerror})") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    places: list[Place] = []
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"missing column {', '.join(missing)}")
        for row in reader:
            places.append(_place(row))
            if len(places) > MOST_ROWS:
                raise ValueError(f"more than {MOST_ROWS:,} rows: sum them to cells first")
    except (ValueError, csv.Error) as error:
        raise BadResidents(f"{path.name}: line {max(reader.line_num, 1)}: {error}") from error
    return tuple(places)


def _place(row: dict[str, str | None]) -> Place:
    lat, lng, people = (_number(column, row[column]) for column in COLUMNS)
    Position(lat, lng)
    if not (math.isfinite(people) and people >= 0):
        raise ValueError(f"people must be a number from 0, not {people!r}")
    return lat, lng, people


def _number(column: str, cell: str | None) -> float:
    try:
        return float(cell or "")
    except ValueError as error:
        raise ValueError(f"{column} must be a number, not {cell!r}") from error
