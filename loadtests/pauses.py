"""How long a server's event loop stands still, seen from outside: `python -m loadtests.pauses URL`.

Asks /healthz every 20 ms from a process of its own until its input ends, then prints the latencies in
milliseconds as a JSON list. A pause of the loop shows as the latency of whoever asked during it.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

EVERY_S = 0.02


@contextmanager
def watched(url: str, into: list[float]) -> Iterator[None]:
    """Append the latencies of /healthz in ms while the block runs."""
    watcher = subprocess.Popen(
        [sys.executable, "-m", "loadtests.pauses", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert watcher.stdout is not None
    try:
        watcher.stdout.readline()
        yield
    finally:
        out, _ = watcher.communicate(timeout=30)
    into.extend(json.loads(out))


def main(url: str) -> None:
    """Ask until standard input ends."""
    parts = urlsplit(url)
    request = f"GET /healthz HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    latencies: list[float] = []
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as asking:
        print("watching", flush=True)
        asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not latencies or not select.select([sys.stdin], [], [], EVERY_S)[0]:
            began = time.perf_counter()
            asking.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += asking.recv(4096)
            latencies.append(round((time.perf_counter() - began) * 1000, 3))
    print(json.dumps(latencies))


if __name__ == "__main__":
    main(sys.argv[1])
