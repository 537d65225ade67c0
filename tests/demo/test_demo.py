"""The whole demo, small: real processes, real clients, the checker's verdict, nothing left behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gigmarket.demo.city import City, Population

WAIT_S = 120
COMMAND = (sys.executable, "-m", "gigmarket.cli", "demo", "--headless", "--port", "0", "--json")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIGMARKET_")}


def processes_of(data: Path) -> list[int]:
    """Processes that were told of this data folder (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"GIGMARKET_DATA={data}".encode() in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.system
def test_twelve_seconds_of_market_break_no_rule(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = subprocess.run(
        [*COMMAND, "--data", str(data), "--seconds", "12", "--workers", "40", "--gigs-per-minute", "60"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=WAIT_S,
        env=environment(),
        check=False,
    )
    ready, *between, last = done.stdout.splitlines()
    summary = json.loads(last)
    assert ready.startswith("ready http://127.0.0.1:")
    assert between == []
    assert summary["violation_list"] == []
    assert summary["violations"] == 0
    assert done.returncode == 0
    assert summary["errors"] == {}
    assert summary["accepts"] >= 1
    assert summary["filled_seats"] >= 1
    assert summary["seats"] >= summary["gigs"] >= 1
    assert summary["post_to_offer_ms"]["n"] + summary["waited_for_supply"] >= 1
    assert (summary["workers"], summary["roads"], summary["seed"]) == (40, False, 1)
    assert processes_of(data) == []


@pytest.mark.system
def test_sigterm_ends_an_endless_demo_with_its_summary(tmp_path: Path) -> None:
    data = tmp_path / "data"
    demo = subprocess.Popen(
        [*COMMAND, "--data", str(data), "--workers", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert demo.stdout is not None
    assert demo.stderr is not None
    assert demo.stdout.readline().startswith("ready ")
    # The first line about the people: they live now.
    while not (line := demo.stderr.readline()).startswith("demo "):
        assert line, "the demo ended early"
    demo.send_signal(signal.SIGTERM)
    out, _ = demo.communicate(timeout=WAIT_S)
    assert json.loads(out.splitlines()[-1])["violations"] == 0
    assert demo.returncode == 0
    assert processes_of(data) == []


def test_a_missing_roads_folder_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--roads", str(tmp_path / "nowhere")],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "gigmarket roads build" in done.stderr
    assert "Traceback" not in done.stderr


def test_equal_seeds_draw_equal_people() -> None:
    one, two, other = (City(Population(50, 20.0, seed, None)) for seed in (7, 7, 8))
    assert one.labourers == two.labourers
    assert one.firms == two.firms
    assert one.labourers != other.labourers


def test_phones_are_distinct_and_trades_known() -> None:
    city = City(Population(400, 20.0, 3, None))
    assert len({person.phone for person in city.labourers}) == 400
    assert all(person.trades for person in city.labourers)
