"""`gigmarket serve`: embedded stores, servers on one socket, four background processes; restarts what falls."""

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from gigmarket.bootstrap import prepare_database
from gigmarket.live.embedded import EmbeddedFailed, EmbeddedValkey
from gigmarket.outage import Outage
from gigmarket.settings import Settings, unknown
from gigmarket.store.data_folder import InUse, held
from workers import __main__ as workers_main
from workers.listeners import address_of, bound

log = logging.getLogger("gigmarket.supervisor")

READY_S = 60.0
STOP_S = 6.0
"""Then what remains is killed: with the embedded store's own end, all within the promised 10 s."""
POLL_S = 0.1
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""A process that ran this long starts its backoff anew."""
RETIRE = signal.SIGUSR1
"""Asks a server process to end without haste: its sockets are closed over ten seconds."""
RETIRED_S = 20.0


class StartFailed(Exception):
    """The server did not come up; the message says why."""


@dataclass(slots=True)
class Child:
    """One process of ours: how to start it, and how its last starts went."""

    name: str
    command: list[str]
    listening: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self, environment: dict[str, str], *pipes: int) -> None:
        """Start it in the background, with its listening sockets and these pipes."""
        if self.listening:
            environment = {**environment, "GIGMARKET_LISTEN_FDS": ",".join(map(str, self.listening))}
        self.process = subprocess.Popen(self.command, env=environment, pass_fds=(*self.listening, *pipes))
        self.started_at = time.monotonic()

    def fell(self, now: float) -> bool:
        """Whether it has ended by itself; the next start then waits a little longer each time."""
        if self.process is None or self.process.poll() is None:
            return False
        self.failures = 0 if now - self.started_at > STEADY_S else self.failures + 1
        pause_s = BACKOFF_S[min(self.failures, len(BACKOFF_S) - 1)]
        log.warning("%s ended with %s; starting again in %.1f s", self.name, self.process.returncode, pause_s)
        self.process, self.not_before = None, now + pause_s
        return True


@dataclass(slots=True)
class Supervisor:
    """Owns every process of one machine's market."""

    settings: Settings
    valkey: EmbeddedValkey | None = None
    children: list[Child] = field(default_factory=list)
    stopping: bool = False
    rolling: bool = False
    address: str = ""

    def run(self, announce: bool = True) -> None:
        """Start everything, print `ready …`, and watch until SIGTERM or SIGINT; then stop everything.

        Raises StartFailed, SchemaOutdated, BadStations, EmbeddedFailed, Unavailable.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._roll)
        if (told := unknown(os.environ)) is not None:
            log.warning("%s", told)
        with _only_one(self.settings.data), _bound(self.settings) as listeners:
            self.address = address_of(self.settings.host, listeners[0])
            try:
                self._start(listeners)
                if announce and not self.stopping:
                    sys.stdout.write(f"ready {self.address}\n")
                    sys.stdout.flush()
                gc.freeze()  # nothing here is garbage, and the exit need not look for any
                while not self.stopping:
                    if self.rolling:
                        self._replace_all()
                    self._watch()
                    time.sleep(POLL_S)
            finally:
                self.stop()

    def stop(self) -> None:
        """Ask every process to end, wait, end what remains, then the embedded store."""
        alive = [child.process for child in self.children if child.process is not None] + self._retiring
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + STOP_S
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %d did not stop in time", process.pid)
                process.kill()
                process.wait()
        if self.valkey is not None:
            self.valkey.stop()

    def _start(self, listeners: Sequence[socket.socket]) -> None:
        settings = self.settings
        prepare_database(settings)
        redis_url = settings.redis_url
        if redis_url is None:
            self.valkey = EmbeddedValkey(settings.data)
            redis_url = self.valkey.start()
        self._environment.update(
            os.environ,
            GIGMARKET_SUPERVISOR=str(os.getpid()),
            GIGMARKET_DATA=str(settings.data.resolve()),
            GIGMARKET_HOST=settings.host,
            GIGMARKET_DEMO=str(settings.demo).lower(),
            GIGMARKET_RECORD=str(settings.record).lower(),
            GIGMARKET_REDIS_URL=redis_url,
            GIGMARKET_ADDRESS=self.address,
        )
        if settings.roads:
            self._environment["GIGMARKET_ROADS"] = str(settings.roads.resolve())
        python = [sys.executable, "-m"]
        for number in range(settings.servers):
            name = f"server-{number + 1}" if number else "server"
            doors = tuple(listener.fileno() for listener in listeners[number :: settings.servers])
            self.children.append(Child(name, [*python, "gigmarket.edge.server"], doors))
        starting = [(server, self._start_server(server)) for server in self.children]
        for name in workers_main.NAMES:
            child = Child(name, [*python, "workers", name])
            self.children.append(child)
            child.start(self._environment)
        for server, ready in starting:
            self._await_ready(server, ready)

    _environment: dict[str, str] = field(default_factory=dict)
    _retiring: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    _valkey_not_before: float = 0.0
    _valkey_outage: Outage = field(default_factory=lambda: Outage(log, "the embedded live store runs again"))

    def _start_server(self, server: Child) -> int:
        """Start a server process; the pipe on which it tells that it accepts requests."""
        ready_read, ready_write = os.pipe()
        server.start({**self._environment, "GIGMARKET_READY_FD": str(ready_write)}, ready_write)
        os.close(ready_write)
        return ready_read

    def _await_ready(self, server: Child, pipe: int) -> None:
        deadline = time.monotonic() + READY_S
        with os.fdopen(pipe, "rb") as stream:
            while not self.stopping:
                if select.select([stream], [], [], POLL_S)[0]:
                    if stream.readline() == b"ready\n":
                        return
                    raise StartFailed(f"the {server.name} process ended before it was ready; its log says why")
                if time.monotonic() > deadline:
                    raise StartFailed(f"the {server.name} process was not ready within {READY_S:.0f} s")

    def _replace_all(self) -> None:
        """Everything but the live store starts anew from the program on disk: the servers, so that there is
        always one, and then each background process in its turn.
        """
        self.rolling = False
        servers = [child for child in self.children if child.listening]
        if not self._replace_servers(servers):
            return
        for child in [child for child in self.children if not child.listening]:
            old = child.process
            if old is None or self.stopping:
                continue
            with contextlib.suppress(ProcessLookupError):
                old.terminate()
            try:
                old.wait(STOP_S)
            except subprocess.TimeoutExpired:
                old.kill()
                old.wait()
            child.start(self._environment)
        log.info("every process was replaced")

    def _replace_servers(self, servers: Sequence[Child]) -> bool:
        """A new process beside each, and only when it accepts requests the old one is let go."""
        for server in servers:
            old = server.process
            try:
                self._await_ready(server, self._start_server(server))
            except StartFailed as error:
                log.error("%s; the old one stays", error)
                if server.process is not None:
                    server.process.kill()
                    server.process.wait()
                server.process = old
                return False
            if old is not None and not self.stopping:
                self._retire(old)
            elif old is not None:
                self._retiring.append(old)
        return True

    def _retire(self, old: "subprocess.Popen[bytes]") -> None:
        self._retiring.append(old)
        with contextlib.suppress(ProcessLookupError):
            old.send_signal(RETIRE)
        deadline = time.monotonic() + RETIRED_S
        while old.poll() is None and time.monotonic() < deadline and not self.stopping:
            self._watch()
            time.sleep(POLL_S)
        if not self.stopping:
            old.kill()
            old.wait()
            self._retiring.remove(old)

    def _watch(self) -> None:
        now = time.monotonic()
        if self.valkey is not None and not self.valkey.alive():
            self._restart_valkey(self.valkey, now)
        for child in self.children:
            child.fell(now)
            if child.process is None and now >= child.not_before:
                child.start(self._environment)

    def _restart_valkey(self, valkey: EmbeddedValkey, now: float) -> None:
        """The market goes on without its live store, so a failed start is tried again."""
        if now < self._valkey_not_before:
            return
        try:
            valkey.start()
        except (EmbeddedFailed, OSError) as error:
            self._valkey_outage.failed(f"the embedded live store ended and does not start again: {error}")
            self._valkey_not_before = now + BACKOFF_S[-1]
        else:
            log.warning("the embedded live store ended and was started again")
            self._valkey_outage.worked()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _roll(self, _number: int, _frame: FrameType | None) -> None:
        self.rolling = True


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the data folder: two servers on one folder would both think they own it. Raises StartFailed."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(data))
        except InUse as error:
            raise StartFailed(f"another gigmarket is running on {data}") from error
        except OSError as error:
            raise StartFailed(f"cannot use the folder {data}: {error.strerror}") from error
        yield


@contextlib.contextmanager
def _bound(settings: Settings) -> Iterator[list[socket.socket]]:
    """Every server process's listening sockets. Raises StartFailed."""
    with contextlib.ExitStack() as stack:
        try:
            listeners = stack.enter_context(bound(settings))
        except OSError as error:
            raise StartFailed(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
        yield listeners
