"""The page that a load test leaves: every number, and latencies as bars without a gap between them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests import __main__ as command
from loadtests.page import page
from loadtests.report import histogram, percentiles, steps

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
TOOK = [1.0, 1.0, 1.1, 10.0, 31.0]


def test_a_histogram_has_its_empty_steps_again() -> None:
    found = steps(histogram(TOOK, "ms"))

    assert list(found.values()) == [3, *[0] * 11, 1, *[0] * 4, 1]
    assert (min(found), list(found)[12]) == (1.0, 10.0)


def test_the_page_shows_numbers_and_bars_of_every_result() -> None:
    result = {
        "name": "post_rate",
        "value": 31.0,
        "floor": 10.0,
        "ratio": 3.1,
        "unit": "ms",
        "detail": {"100_a_second": {"ms": percentiles(TOOK), "histogram": histogram(TOOK, "ms")}},
    }
    skipped = {
        "name": "reach", "value": None, "floor": None, "ratio": None, "unit": "",
        "detail": {"skipped": "no <map>"},
    }  # fmt: skip

    shown = page([result, skipped], NOW)

    assert "2026-11-27 08:00 UTC" in shown
    assert "<td>100_a_second ms p99</td><td>31.000</td>" in shown
    assert len(re.findall(r"<rect x=", shown)) == 18
    assert "no &lt;map&gt;" in shown
    assert "<script" not in shown
    assert "://" not in shown.replace("http://www.w3.org/2000/svg", "")


def test_a_soak_is_drawn_over_its_minutes() -> None:
    sights = [
        {
            "at_s": 60.0 * n, "mib": {"server": 160.0 + n, "relay": 90.0}, "sockets": 1000, "tasks": 9,
            "keys": 4, "live_mib": 3.0, "database_mib": 1.0 * n,
        }
        for n in range(3)
    ]  # fmt: skip
    result = {
        "name": "soak", "value": 1.0, "floor": 1.0, "ratio": 1.0, "unit": "MiB", "detail": {"sights": sights},
    }  # fmt: skip

    shown = page([result], NOW)

    assert "Memory of the processes" in shown
    assert shown.count("<svg") == 6


def test_the_command_leaves_the_page_beside_its_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = {"name": "round", "value": 2.0, "floor": 4.0, "ratio": 2.0, "unit": "ms", "detail": {}}
    monkeypatch.setattr(command, "run_one", lambda _name, _tiny: result)
    monkeypatch.setattr("sys.argv", ["loadtests", "round", "--json", "--html", str(tmp_path / "page.html")])
    monkeypatch.setattr("signal.signal", lambda *_: None)

    assert command.main() == 0

    assert json.loads(capsys.readouterr().out) == result
    assert "<h2>round</h2>" in (tmp_path / "page.html").read_text("utf-8")
