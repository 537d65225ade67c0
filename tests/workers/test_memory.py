"""A process that keeps the memory its arrays gave back does not fetch it anew, page by page."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = """
import resource, sys
import numpy as np
from gigmarket.process import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "keep":
    keep_freed_memory()
columns = [np.ones(40_000) for _ in range(60)]
del columns
before = faults()
for _ in range(10):
    columns = [np.ones(40_000) for _ in range(60)]
    del columns
print(faults() - before)
"""


def faults(way: str) -> int:
    command = [sys.executable, "-c", FAULTS, way]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc gives memory back like this")
def test_freed_columns_are_kept() -> None:
    assert faults("keep") < faults("let go") / 10


DEAD = """
import gc, weakref
from gigmarket.process import collect_the_young

class Node:
    def __init__(self):
        self.me = self

collect_the_young()
first = weakref.ref(Node())
kept = 0
while first() is not None:
    kept += 1
    Node()
print(kept)
"""


def test_what_died_in_a_circle_is_soon_gone() -> None:
    command = [sys.executable, "-c", DEAD]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert 1_000 < int(done.stdout) <= 10_000
