"""What the clients of a test saw, one JSON object per line, for the checker."""

import json
import threading
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Record = dict[str, Any]


class History:
    """A file that every client of a test writes. Each line has `at` (monotonic seconds), `wall` (seconds since
    1970) and `what`:

    - `invoke` with `id`, `principal`, `client`, `op`, `args`, `key`: a client began an operation;
    - `try` with `id`, `status`, `took_s` and, over HTTP, `retry_after`: one attempt at it was answered by this
      status, or lost (`null`);
    - `ok` with `id` and `result`, or `fail` with `id` and `problem`: the answer it ended with;
    - `info` with `id`: the client gave up, and the operation may have happened or not, or may yet;
    - `welcome`, `snapshot`, `event`, `closed` with `client`, `principal` and `socket`: what a socket brought;
    - `left` with `client` and `held`: the client is content with what it holds; nothing comes after.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def number(self) -> int:
        """A number nobody else has: for operations, clients and sockets."""
        return next(self._numbers)

    def write(self, what: str, **fields: Any) -> None:
        """One line, on the disk's side of the process at once, so that a killed test leaves its history."""
        record = {"at": time.monotonic(), "wall": time.time(), "what": what, **fields}
        with self._lock:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()


def read(path: Path) -> list[Record]:
    """Every record of a history, in the order written."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
