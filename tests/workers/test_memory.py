"""How a process holds memory: kept where it is soon needed, else given back; dead circles are soon gone."""

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


HOLES = """
import sys, time
from pathlib import Path
from gigmarket.process import give_back_freed_memory

def held_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

pieces = [bytes(6_000) for _ in range(20_000)]
full = held_mib()
del pieces[::2], pieces[1:-1]
kept = held_mib()
give_back_freed_memory(every_s=0.01)
deadline = time.monotonic() + 30
while held_mib() > full - 80 and time.monotonic() < deadline:
    time.sleep(0.01)
print(full - kept, full - held_mib())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps memory like this")
def test_freed_pages_below_one_that_lives_go_back() -> None:
    command = [sys.executable, "-c", HOLES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    alone, trimmed = map(int, done.stdout.split())
    assert alone < 10
    assert trimmed > 80


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
