"""A server to be broken, with a trap that kills it between a commit and its reply."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CALM
from tests.serving import Serving, serving, wait_until

ROOT = Path(__file__).parents[2]
NAMES = {"server", "dispatcher", "relay", "expirer", "janitor", "valkey"}
TRAP = '''
"""Loaded by every Python of the server: kills the server process as it is about to answer a command."""
import os, signal, sys

trap = os.environ["TRAP"]
if "gigmarket.edge.server" in sys.orig_argv:
    from gigmarket.edge.ws import endpoint

    answer = endpoint._result

    def answer_or_die(*args):
        if os.path.exists(trap):
            os.remove(trap)
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(*args)

    endpoint._result = answer_or_die
'''


@pytest.fixture(scope="session")
def _breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("breakable")
    (folder / "sitecustomize.py").write_text(TRAP)
    path = os.pathsep.join([str(folder), str(ROOT)])
    trap = str(folder / "trap")
    with serving(folder, PYTHONPATH=path, TRAP=trap, GIGMARKET_POLICY=json.dumps(CALM)) as running:
        yield running


@pytest.fixture
def breakable(_breakable: Serving) -> Iterator[Serving]:
    """A server whose processes a test may kill, as long as they come back before it ends."""
    yield _breakable
    wait_until(lambda: _breakable.children().keys() == NAMES, "every process runs again")
