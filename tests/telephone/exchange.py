"""A telephone company of the tests' own: a real HTTP server that keeps what it is asked and answers as told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.serving import Serving


@dataclass
class Exchange:
    """Where it is, how it answers, and what it was asked: bodies, with the header that lets one in."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    asked: list[dict[str, Any]] = field(default_factory=list)
    doors: list[str | None] = field(default_factory=list)


@dataclass
class City:
    """A market whose telephone company is `there`."""

    served: Serving
    there: Exchange


@contextmanager
def exchange(answer: bytes = b"{}", status: int = 200) -> Iterator[Exchange]:
    """Until the block ends."""
    found = Exchange(status=status, answer=answer)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            found.doors.append(self.headers["Authorization"])
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(found.answer)))
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    running = Thread(target=server.serve_forever)
    running.start()
    found.url = f"http://127.0.0.1:{server.server_port}/calls"
    yield found
    server.shutdown()
    running.join()
    server.server_close()
