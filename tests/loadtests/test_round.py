"""The benchmarks of a round run, and what they compare themselves with is right."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gigmarket.domain.filling import fill
from loadtests.floors.min_cost_flow import flow

ROOT = Path(__file__).parents[2]


def _result(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "loadtests", name, "--json", "--tiny"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.system
def test_a_round_fills_as_much_as_all_edges_would() -> None:
    result = _result("round")

    assert result["ratio"] == pytest.approx(result["floor"] / result["value"], rel=0.01)
    detail = result["detail"]
    assert detail["fill"] == detail["fill_of_all_edges"] > 0
    assert detail["cost_over_that_of_all_edges"] == pytest.approx(1.0, rel=0.01)


@pytest.mark.system
def test_a_round_is_measured_in_three_cities() -> None:
    result = _result("round_growth")

    assert result["ratio"] == pytest.approx(result["value"] / result["floor"], rel=0.01)
    assert list(result["detail"]["ms_by_workers"]) == ["30", "300", "600"]


@pytest.mark.parametrize("seed", range(3))
def test_the_peer_answers_the_same_question(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gig, worker = np.nonzero(rng.random((40, 60)) < 0.2)
    cost, seats = rng.integers(-300, 900, len(gig)).astype(np.float64), rng.integers(0, 4, 40)

    ours, theirs = fill(gig, worker, cost, seats), flow(gig, worker, cost, seats)

    assert len(ours) == len(theirs)
    assert cost[ours].sum() == cost[theirs].sum()
