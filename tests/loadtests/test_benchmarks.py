"""Each benchmark runs and answers in the shape that scripts rely on. Never its numbers: machines are noisy."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gigmarket.store.engine import open_engine, sqlite_url
from loadtests.__main__ import benchmarks
from loadtests.floors.raw_statements import SqliteReplay, recording
from loadtests.report import percentiles, table

ROOT = Path(__file__).parents[2]
DESCRIBED = {
    "post_to_offer": {"n", "missed", "ms", "floor_ms", "pause_ms", "sockets", "gc", "versions"},
    "accepts": {"n", "sqlite", "postgresql", "http", "versions"},
}


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loadtests", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.system
@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_a_benchmark_ends_with_one_json_object(name: str) -> None:
    done = _run(name, "--json", "--tiny")

    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert result.keys() == {"name", "value", "floor", "ratio", "unit", "detail"}
    assert (result["name"], result["unit"]) == (name, "ms")
    assert result["value"] > 0
    assert result["floor"] > 0
    assert math.isclose(result["ratio"], result["value"] / result["floor"], rel_tol=0.01)
    assert result["detail"].keys() >= DESCRIBED[name]
    lost = [result["detail"].get(count, 0) for count in ("missed", "floor_missed", "sockets_lost")]
    assert lost == [0, 0, 0]


def test_an_unknown_benchmark_is_refused() -> None:
    done = _run("nonsense", "--json")

    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_the_benchmarks_of_the_contract_are_there() -> None:
    assert benchmarks().keys() >= DESCRIBED.keys()


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentiles([float(n) for n in range(100, 0, -1)]) == {
        "p50": 51.0,
        "p90": 91.0,
        "p99": 100.0,
        "max": 100.0,
    }
    with pytest.raises(ValueError, match="nothing was measured"):
        percentiles([])


def test_the_table_shows_what_was_skipped_and_why() -> None:
    done = {"name": "a", "value": 1.0, "floor": 0.5, "ratio": 2.0, "unit": "ms", "detail": {}}
    skipped = {
        **done,
        "name": "b",
        "value": None,
        "floor": None,
        "ratio": None,
        "detail": {"skipped": "no map"},
    }

    lines = table([done, skipped]).splitlines()

    assert lines[1].split() == ["a", "1.000", "0.500", "2.000", "ms"]
    assert lines[2].split() == ["b", "-", "-", "-", "ms", "no", "map"]


def test_the_floor_says_exactly_what_was_recorded(tmp_path: Path) -> None:
    """What our transactions wrote, the replay writes again, row for row, on a copy that began alike."""
    engines = [open_engine(sqlite_url(tmp_path / f"{name}.db")) for name in ("ours", "floor")]
    for engine in engines:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(text("CREATE TABLE note (n INTEGER PRIMARY KEY)"))
    with recording(engines[0]) as recorded:
        for n in (1, 2):
            with engines[0].connect().execution_options(writes=True) as connection, connection.begin():
                connection.execute(text("INSERT INTO note VALUES (:n)"), {"n": n})
                connection.execute(text("SELECT n FROM note")).all()

    replay = SqliteReplay(tmp_path / "floor.db")
    seconds = replay.run(recorded)
    replay.close()

    assert [len(transaction) for transaction in recorded] == [2, 2]
    assert seconds > 0
    with engines[1].connect() as connection:
        assert connection.execute(text("SELECT n FROM note")).scalars().all() == [1, 2]
    for engine in engines:
        engine.dispose()
