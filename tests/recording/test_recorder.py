"""What is on disk after a day: whole lines, nobody's name, never more than agreed."""

import gzip
import stat
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Mode
from gigmarket.domain.policy import DEFAULT
from gigmarket.recording.lines import (
    FORMAT,
    Answer,
    Answered,
    Closed,
    Gig,
    Gone,
    Header,
    Offered,
    Round,
    Work,
    Worker,
)
from gigmarket.recording.reader import read
from gigmarket.recording.recorder import recordings
from tests.recording.market_day import recorder

NINE = 1_778_461_200.0
"""2026-05-11 09:00 in China."""
DAY = 86_400.0
GIG = Gig(NINE, "gig_9f", NINE - 60, NINE + 3600, NINE + 7200, 28.061234, 115.551234, "porter", 2, 2, 18_000)
WORKER = Worker(NINE, "wrk_7c", NINE - 600, 28.065678, 115.559876, Mode.EBIKE, ("porter", "cleaner"))
ROUND = Round(NINE + 1, 1, ("gig_9f",), (Offered("gig_9f", "wrk_7c", 123.44, 150.02),), 0, "ab", "cd")


def told(folder: Path) -> list[Any]:
    """Every line of every file, as the reader gives it."""
    return [line for path in recordings(folder) for line in read(path, pytest.fail)]


def test_a_day_comes_back_line_by_line(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.add([GIG, WORKER, ROUND, Answered(NINE + 9, "gig_9f", "wrk_7c", Answer.ACCEPTED)])
    writing.flush()
    writing.add([Work(NINE + 7200, "gig_9f", "wrk_7c", 3600.0), Gone(NINE + 7300, "wrk_7c")])
    writing.add([Closed(NINE + 7301, "gig_9f")])
    writing.close()

    header, gig, worker, round_, answer, work, gone, closed = told(tmp_path)
    assert isinstance(header, Header)
    assert (header.format, header.day, header.offset_s, header.estimated) == (
        FORMAT,
        "2026-05-11",
        28_800,
        True,
    )
    assert header.policy == {field.name: getattr(DEFAULT, field.name) for field in fields(DEFAULT)}
    assert gig == replace(GIG, gig=gig.gig, lat=28.061, lng=115.551)
    assert worker == replace(WORKER, worker=worker.worker, lat=28.066, lng=115.56, trades=("cleaner", "porter"))
    assert round_ == Round(
        NINE + 1, 1, (gig.gig,), (Offered(gig.gig, worker.worker, 123.4, 150.0),), 0, "ab", "cd"
    )
    assert {(line.gig, line.worker) for line in (answer, work)} == {(gig.gig, worker.worker)}
    assert gone == Gone(NINE + 7300, worker.worker)
    assert closed == Closed(NINE + 7301, gig.gig)


def test_mates_are_known_as_such_by_a_pseudonym(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    mate = replace(WORKER, worker="wrk_7d", crew="crw_1")
    writing.add(
        [GIG, replace(WORKER, crew="crw_1"), mate, replace(mate, at=NINE + 60), replace(mate, crew=None)]
    )
    writing.close()
    _, _, one, other, alone = told(tmp_path)
    assert one.crew == other.crew != "crw_1"
    assert (alone.worker, alone.crew) == (other.worker, None)


def test_no_id_and_no_exact_place_is_on_disk(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.add([GIG, WORKER, ROUND])
    writing.close()

    (path,) = recordings(tmp_path)
    text = gzip.decompress(path.read_bytes()).decode()
    assert not any(
        secret in text for secret in ("gig_9f", "wrk_7c", "28.0612", "115.5512", "28.0656", "115.5598")
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_next_day_is_a_file_of_its_own_under_other_pseudonyms(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    for day in range(2):
        at = day * DAY
        writing.add(
            [replace(GIG, at=NINE + at), replace(WORKER, at=NINE + at), replace(ROUND, at=NINE + at + 1)]
        )
    writing.close()

    first, second = ([*read(path)] for path in recordings(tmp_path))
    assert [line.day for line in (first[0], second[0]) if isinstance(line, Header)] == [
        "2026-05-11",
        "2026-05-12",
    ]
    assert _names(first).isdisjoint(_names(second))
    assert len(_names(first)) == len(_names(second)) == 2


def test_two_recorders_never_write_into_one_file(tmp_path: Path) -> None:
    one, other = recorder(tmp_path), recorder(tmp_path)
    for writing in (one, other):
        writing.add([GIG])
        writing.flush()
    for writing in (one, other):
        writing.close()
    assert [path.name for path in recordings(tmp_path)] == [
        "rounds-2026-05-11.0001.jsonl.gz",
        "rounds-2026-05-11.0002.jsonl.gz",
    ]
    assert len(told(tmp_path)) == 4


@pytest.mark.parametrize("flushes", [1, 50])
def test_no_file_grows_beyond_its_bound_and_the_oldest_go(tmp_path: Path, flushes: int) -> None:
    writing = recorder(tmp_path, most_bytes=20_000, most_files=3)
    for part in range(flushes):
        numbers = range(part * 10_000 // flushes, (part + 1) * 10_000 // flushes)
        writing.add([replace(WORKER, at=NINE + n, worker=f"wrk_{n}", lat=28 + n / 1000) for n in numbers])
        writing.flush()
        assert len(recordings(tmp_path)) <= 3
    writing.close()

    files = recordings(tmp_path)
    assert len(files) == 3
    assert all(path.stat().st_size <= 20_000 for path in files)
    assert files[-1].name > "rounds-2026-05-11.0005"
    assert isinstance(told(tmp_path)[-1], Worker)
    assert writing.dropped == 0


def test_what_nobody_flushes_does_not_fill_the_memory(tmp_path: Path) -> None:
    writing = recorder(tmp_path, most_pending=5)
    writing.add([replace(WORKER, worker=f"wrk_{n}") for n in range(8)])
    assert writing.dropped == 3
    writing.close()
    assert len(told(tmp_path)) == 1 + 5


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    moved = replace(WORKER, lat=WORKER.lat + 0.00001, share=0.3, credit_s=9.0)
    writing.add([GIG, GIG, WORKER, moved, replace(GIG, free=1), replace(WORKER, lat=28.07)])
    writing.close()
    lines = told(tmp_path)
    assert [type(line) for line in lines] == [Header, Gig, Worker, Gig, Worker]


def test_who_left_and_comes_back_is_told_again_and_who_was_never_seen_is_not(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.add([WORKER])
    assert writing.knows("wrk_7c")
    writing.add([Gone(NINE + 1, "wrk_7c"), Gone(NINE + 1, "wrk_other"), Closed(NINE + 1, "gig_other")])
    assert not writing.knows("wrk_7c")
    writing.add([replace(WORKER, at=NINE + 2), Answered(NINE, "gig_other", "wrk_7c", Answer.DECLINED)])
    writing.close()
    assert [type(line) for line in told(tmp_path)] == [Header, Worker, Gone, Worker]
    assert not writing.knows("wrk_7c"), "the file it stands in has ended"


def test_a_disk_that_refuses_loses_lines_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.write_text("a file where the folder should be")
    writing = recorder(folder)
    writing.add([GIG, WORKER])
    with pytest.raises(OSError, match="recordings"):
        writing.flush()
    assert writing.dropped == 2
    folder.unlink()
    writing.add([GIG])
    writing.close()
    assert [type(line) for line in told(folder)] == [Header, Gig]


def test_a_clock_that_steps_back_over_midnight_stays_in_its_file(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.add([replace(GIG, at=NINE + DAY), replace(WORKER, at=NINE)])
    writing.close()
    assert len(recordings(tmp_path)) == 1


@given(st.lists(st.sampled_from([GIG, WORKER, ROUND, replace(GIG, free=1), Gone(NINE, "wrk_7c")]), max_size=30))
def test_whatever_order_lines_come_in_the_file_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("recording")
    writing = recorder(folder)
    for line in lines:
        writing.add([line])
        writing.flush()
    writing.close()
    assert len(told(folder)) <= 1 + len(lines)


def _names(lines: list[Any]) -> set[str]:
    texts = [orjson.loads(orjson.dumps(line)) for line in lines]
    return {line[key] for line in texts for key in ("gig", "worker") if key in line}
