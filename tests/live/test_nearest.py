"""The library behind the tree: how many threads it takes, and what importing it leaves in the environment."""

import subprocess
import sys

import pytest

SEARCHES = """
import os
import numpy as np
import gigmarket.live.nearest
from pykdtree.kdtree import KDTree

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
points = np.random.default_rng(1).random((20_000, 3))
KDTree(points).query(points, k=8)
print(threads() - before, os.environ.get("OMP_NUM_THREADS"))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
@pytest.mark.parametrize("told", [None, "3"])
def test_searches_take_no_thread_of_their_own_and_leave_the_environment_as_it_was(told: str | None) -> None:
    environ = {"PATH": "/usr/bin"} | ({} if told is None else {"OMP_NUM_THREADS": told})
    done = subprocess.run(
        [sys.executable, "-c", SEARCHES], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", str(told)]
