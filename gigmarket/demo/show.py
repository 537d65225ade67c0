"""`gigmarket demo`: starts the market and its people, shows what happens, and checks it all at the end."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from gigmarket.demo.checker import LISTED, Violation, check
from gigmarket.demo.city import Population
from gigmarket.demo.lines import Lines
from gigmarket.demo.record import read
from gigmarket.demo.table import live_table
from gigmarket.travel.streets import DamagedRoads, load

LOG_EVERY_S = 10.0
REFRESH_S = 0.5
READY_S = 75.0
PEOPLE_STOP_S = 8.0
SERVER_STOP_S = 9.0
RECORD = "demo-record.json"
CITY_POLICY = {"least_wage_fen_per_hour": 1610}
"""樟树's minimum hourly wage: 江西省 from 2021-04-01, 三类区域."""


class DemoFailed(Exception):
    """A process of the demo ended by itself; the message says which."""


def run_demo(
    data: Path | None, port: int, population: Population, seconds: float | None, headless: bool, json: bool
) -> int:
    """Run the demo until its seconds are over, SIGINT or SIGTERM. Returns the exit code.

    0: lived and broke no rule; 1: violations, or it did not live. Without a data folder a temporary one is
    used and removed. On stdout stand at most the ready line and, with `json`, the summary.
    """
    signals = _Signals()
    try:
        if population.roads is not None:
            load(population.roads)
        with _folder(data) as folder:
            show = Show(folder, port, population, seconds, headless or not sys.stderr.isatty(), signals)
            summary = show.run()
    except (DemoFailed, DamagedRoads) as error:
        sys.stderr.write(f"gigmarket: {error}\n")
        return 1
    if json:
        print(_json(summary), flush=True)
    else:
        show.console.print_json(_json(summary))
    return 1 if summary["violations"] else 0


@dataclass(slots=True)
class _Signals:
    """Whether someone asked for the end."""

    stopping: bool = False

    def __post_init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: object) -> None:
        self.stopping = True


@dataclass(slots=True)
class Show:
    """One run: a server with its processes, and the people in one process of their own."""

    folder: Path
    port: int
    population: Population
    seconds: float | None
    headless: bool
    signals: _Signals
    console: Console = field(default_factory=lambda: Console(stderr=True))
    address: str = ""
    _line: dict[str, Any] = field(default_factory=dict)
    _log: Any = None

    def run(self) -> dict[str, Any]:
        """Live, stop people before server, check. Returns the summary. Raises DemoFailed."""
        record = self.folder / RECORD
        record.unlink(missing_ok=True)
        with self._logging():
            server = self._start("gigmarket.demo.server", subprocess.DEVNULL)
            people: subprocess.Popen[bytes] | None = None
            try:
                self._await_ready(server)
                people = self._start("gigmarket.demo.people", subprocess.PIPE)
                self._order(people)
                self._watch(server, people)
            finally:
                if people is not None:
                    _end(people, PEOPLE_STOP_S)
                _end(server, SERVER_STOP_S)
        if not record.exists():
            raise DemoFailed("it was stopped before anyone arrived" if self.signals.stopping else "no record")
        return self._judged(record)

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        """Log lines go to stderr, or beside a live table into the data folder."""
        if self.headless:
            yield
            return
        with (self.folder / "demo.log").open("ab") as self._log:
            yield

    def _start(self, module: str, stdin: int) -> "subprocess.Popen[bytes]":
        # A group of its own: Ctrl-C reaches the show alone, which ends the others in the right order.
        return subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self._environment(),
            process_group=0,
        )

    def _environment(self) -> dict[str, str]:
        """Everything embedded and on loopback, whatever the shell has set for `serve`."""
        kept: Mapping[str, str] = {k: v for k, v in os.environ.items() if not k.startswith("GIGMARKET_")}
        return {
            **kept,
            "GIGMARKET_DATA": str(self.folder),
            "GIGMARKET_HOST": "127.0.0.1",
            "GIGMARKET_PORT": str(self.port),
            "GIGMARKET_RATE_LIMITS": "off",
            "GIGMARKET_POLICY": json.dumps(CITY_POLICY),
            "GIGMARKET_SUPERVISOR": str(os.getpid()),
            **({"GIGMARKET_ROADS": str(roads.resolve())} if (roads := self.population.roads) else {}),
        }

    def _await_ready(self, server: "subprocess.Popen[bytes]") -> None:
        lines = Lines(server)
        deadline = time.monotonic() + READY_S
        while not self.signals.stopping:
            for line in lines.take(0.1):
                if line.startswith(b"ready "):
                    self.address = line.split()[1].decode()
                    if self.headless:
                        print(line.decode(), flush=True)
                    return
            if server.poll() is not None or time.monotonic() > deadline:
                raise DemoFailed(f"the server did not start{self._where()}")

    def _order(self, people: "subprocess.Popen[bytes]") -> None:
        orders = {
            **asdict(self.population),
            "roads": str(self.population.roads) if self.population.roads else None,
            "address": self.address,
            "seconds": self.seconds,
            "record": str(self.folder / RECORD),
        }
        assert people.stdin is not None  # noqa: S101 - opened as a pipe
        with contextlib.suppress(BrokenPipeError), people.stdin as stdin:
            stdin.write(json.dumps(orders).encode() + b"\n")
        people.stdin = None

    def _watch(self, server: "subprocess.Popen[bytes]", people: "subprocess.Popen[bytes]") -> None:
        lines = Lines(people)
        with contextlib.ExitStack() as stack:
            live = None if self.headless else stack.enter_context(self._live())
            shown = time.monotonic()
            while not self.signals.stopping:
                for line in lines.take(0.1):
                    self._line = json.loads(line)
                if people.poll() is not None:
                    if people.returncode:
                        raise DemoFailed(f"the people's process ended with {people.returncode}{self._where()}")
                    return
                if server.poll() is not None:
                    raise DemoFailed(f"the server ended with {server.returncode}{self._where()}")
                if time.monotonic() - shown >= (REFRESH_S if live else LOG_EVERY_S):
                    shown = time.monotonic()
                    self._refresh(live)

    def _live(self) -> Live:
        return Live(live_table(self.address, {}, self.population), console=self.console, auto_refresh=False)

    def _refresh(self, live: Live | None) -> None:
        if live is not None:
            live.update(live_table(self.address, self._line, self.population), refresh=True)
        elif self._line:
            line, delays = self._line, self._line["post_to_offer_ms"]
            self.console.print(
                f"demo {line['seconds']:.0f} s: {line['arrived']} workers, {line['available']} available, "
                f"{line['gigs']} gigs, {line['offers']} offers, {line['accepts']} accepts, fill "
                f"{line['fill_rate']:.0%}, post to offer p50 {delays['p50']} p99 {delays['p99']} ms, "
                f"{line['settled']} settled",
                highlight=False,
                soft_wrap=True,
            )

    def _where(self) -> str:
        return "; its log lines are above" if self.headless else f"; {self.folder / 'demo.log'} says why"

    def _judged(self, record: Path) -> dict[str, Any]:
        summary, clients = read(record)
        violations: list[Violation] = check(self.folder / "gigmarket.db", clients)
        return {
            "seconds": summary.pop("seconds"),
            "workers": self.population.workers,
            **summary,
            "violations": len(violations),
            "violation_list": [str(violation) for violation in violations[:LISTED]],
            "roads": self.population.roads is not None,
            "seed": self.population.seed,
        }


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="gigmarket-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _end(process: "subprocess.Popen[bytes]", wait_s: float) -> None:
    """Ask a process to end and read what it still says, so that it never waits for a full pipe."""
    if process.poll() is None:
        process.terminate()
    try:
        process.communicate(timeout=wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _json(summary: dict[str, Any]) -> str:
    return json.dumps(summary, ensure_ascii=False)
