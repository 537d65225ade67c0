"""The two CSV files: what is read, and one clear line for everything that is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Mode
from gigmarket.simulation.days import BadDay, read_day, write_day
from gigmarket.simulation.made import FAMILIES, make_day
from gigmarket.simulation.world import by_number

GIGS = """id,posted_at,starts_at,ends_at,lat,lng,trade,headcount,wage_fen
g1,2026-05-11T08:00:00+08:00,2026-05-11T09:00:00+08:00,2026-05-11T11:00:00+08:00,28.06,115.55,porter,2,18000
"""
WORKERS = """id,available_from,available_to,lat,lng,trades,mode,floor_wage_fen
w1,2026-05-11T00:00:00Z,2026-05-11T10:00:00Z,28.06,115.55,porter;cleaner,ebike,0
"""


def write(folder: Path, gigs: str = GIGS, workers: str = WORKERS) -> tuple[Path, Path]:
    """The two files in a folder."""
    paths = folder / "gigs.csv", folder / "workers.csv"
    for path, text in zip(paths, (gigs, workers), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_day_is_read(tmp_path: Path) -> None:
    day = read_day(*write(tmp_path))
    (gig,), (worker,) = day.gigs, day.workers
    assert (gig.id, gig.trade, gig.headcount, gig.wage_fen) == ("g1", "porter", 2, 18000)
    assert gig.posted_at == worker.available_from
    assert worker.trades == frozenset({"porter", "cleaner"})
    assert worker.mode is Mode.EBIKE


def test_columns_may_stand_in_any_order_among_others_behind_a_byte_order_mark(tmp_path: Path) -> None:
    turned = "\n".join(",".join(["x", *line.split(",")[::-1]]) for line in WORKERS.splitlines())
    assert read_day(*write(tmp_path, "\ufeff" + GIGS, turned)) == read_day(*write(tmp_path))


@pytest.mark.parametrize("empty", ["", "   ", ",,,,,,,,", " , ,"])
def test_rows_without_anything_are_passed_over(empty: str, tmp_path: Path) -> None:
    day = read_day(*write(tmp_path))
    head, row, *_ = GIGS.splitlines()
    assert read_day(*write(tmp_path, "\r\n".join([head, empty, row, empty, empty]))) == day


@pytest.mark.parametrize("name", list(FAMILIES))
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    day = make_day(FAMILIES[name], 1)
    write_day(day, tmp_path / "g.csv", tmp_path / "w.csv")
    assert read_day(tmp_path / "g.csv", tmp_path / "w.csv") == day


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("28.06", "91", "gigs.csv line 2, lat, lng: latitude must be a number from -90 to 90, not 91.0"),
        ("28.06", "nan", "gigs.csv line 2, lat, lng: latitude must be a number from -90 to 90, not nan"),
        ("28.06", "north", "gigs.csv line 2, lat: 'north' is not a number of degrees"),
        (",2,", ",two,", "gigs.csv line 2, headcount: 'two' is not a whole number"),
        (",2,", ",0,", "gigs.csv line 2, headcount: must be at least 1, not 0"),
        (",2,", f",{10**30},", f"gigs.csv line 2, headcount: must be at most 100000, not '{10**30}'"),
        (",2,", f",{'9' * 5000},", f"gigs.csv line 2, headcount: '{'9' * 40}…' is not a whole number"),
        ("18000", str(10**30), f"gigs.csv line 2, wage_fen: must be at most 1000000000, not '{10**30}'"),
        ("g1,", f"{'1' * 5000},", "gigs.csv line 2, id: must be at most 200 characters, not 5,000"),
        ("18000", "-1", "gigs.csv line 2, wage_fen: must be at least 0, not -1"),
        ("porter", "", "gigs.csv line 2, trade: is empty"),
        ("T08:00:00+08:00", "T08:00:00", "line 2, posted_at: '2026-05-11T08:00:00' has no offset"),
        ("2026-05-11T08:00:00+08:00", "eight", "line 2, posted_at: 'eight' is not an ISO 8601 time"),
        ("T11:00:00", "T09:00:00", "gigs.csv line 2, ends_at: must be after starts_at"),
        (",wage_fen", "", "gigs.csv line 1: no column wage_fen"),
        (",18000", "", "gigs.csv line 2: 8 fields where the header has 9"),
        ("trade,headcount", "headcount,headcount,trade", "gigs.csv line 1: column headcount stands twice"),
        ("id,", "id,x,x, id,", "gigs.csv line 1: column id stands twice"),
        ("g1,", '"g1,', "gigs.csv line 2: "),
    ],
)
def test_a_bad_gig_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadDay) as refused:
        read_day(*write(tmp_path, gigs=GIGS.replace(old, new, 1)))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ebike,0", f"ebike,{10**30}", "workers.csv line 2, floor_wage_fen: must be at most 1000000000, not"),
        ("w1,", f"w{'1' * 5000},", "workers.csv line 2, id: must be at most 200 characters, not 5,001"),
        ("ebike", "boat", "workers.csv line 2, mode: 'boat' is none of walk, bicycle, ebike, motorbike, car"),
        ("porter;cleaner", " ; ", "workers.csv line 2, trades: names no trade"),
        ("T10:00:00Z", "T10:00:00", "line 2, available_to: '2026-05-11T10:00:00' has no offset"),
        ("2026-05-11T10", "2026-05-10T10", "line 2, available_to: must not be before available_from"),
    ],
)
def test_a_bad_worker_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadDay) as refused:
        read_day(*write(tmp_path, workers=WORKERS.replace(old, new, 1)))
    assert said in str(refused.value)


def test_an_id_stands_for_one_line(tmp_path: Path) -> None:
    twice = GIGS + GIGS.splitlines()[1]
    with pytest.raises(BadDay, match="line 3, id: 'g1' was on line 2 already"):
        read_day(*write(tmp_path, gigs=twice))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    gigs, workers = write(tmp_path)
    gigs.write_bytes(GIGS.replace("porter", "搬运").encode("gb18030"))
    with pytest.raises(BadDay, match=r"gigs\.csv line 2: not UTF-8; save it as CSV UTF-8"):
        read_day(gigs, workers)


def test_ids_count() -> None:
    assert sorted(["w10", "w2", "7", "w1", "12", "w02"], key=by_number) == ["7", "12", "w1", "w02", "w2", "w10"]


@given(st.lists(st.text("0127ab٣²", min_size=1), unique=True))
def test_any_ids_have_one_order(names: list[str]) -> None:
    turned = names[::-1]
    assert sorted(names, key=by_number) == sorted(turned, key=by_number)
