"""Processes that a test starts beside the supervisor's own, each with settings of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.market import Market
from tests.serving import WAIT_S, command


@contextmanager
def worker_beside(running: Market, name: str, **settings: str) -> Iterator[int]:
    """`gigmarket worker NAME`; its process id."""
    log = running.history.path.with_name(f"{name}-beside.log")
    with (
        log.open("wb") as told,
        subprocess.Popen(command("worker", name), env=_environment(running, settings), stderr=told) as process,
    ):
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            assert process.wait(WAIT_S) == 0, log.read_text()


@contextmanager
def server_beside(running: Market, **settings: str) -> Iterator[str]:
    """One server process more, on a port of its own; its URL."""
    log, (ready, tell) = running.history.path.with_name("server-beside.log"), os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as told:
        environment = {
            **_environment(running, settings),
            "GIGMARKET_LISTEN_FDS": str(listener.fileno()),
            "GIGMARKET_READY_FD": str(tell),
        }
        started = subprocess.Popen(
            [sys.executable, "-m", "gigmarket.edge.server"],
            env=environment,
            stderr=told,
            pass_fds=(listener.fileno(), tell),
        )
        os.close(tell)
        with started as process, os.fdopen(ready, "rb") as pipe:
            try:
                assert pipe.readline() == b"ready\n", log.read_text()
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                process.terminate()
                process.wait(WAIT_S)


def _environment(running: Market, settings: dict[str, str]) -> dict[str, str]:
    return {**running.served.environment, "GIGMARKET_DATA": str(running.served.data), **settings}
