"""The disk is full: nothing dies, everybody is told the same, and it goes on by itself once there is room.

A limit on the size of the files that running processes write stands for the disk: it can be lifted again.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.serving import Serving, place, serving
from tests.system.conftest import NAMES
from tests.talking import eventually, go_available, ok, post_gig, stream_of

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process's files"),
]

ROOM = 64 * 1024
"""The log of a test is smaller, and both the database and its log are larger."""
_NUMBERS = count(13700000000)


@contextmanager
def full(served: Serving, *names: str) -> Iterator[None]:
    """None of these processes can make a file longer than ROOM, the live store none at all."""
    pids = {name: served.children()[name] for name in names}
    _, most = resource.prlimit(next(iter(pids.values())), resource.RLIMIT_FSIZE)
    for name, pid in pids.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0 if name == "valkey" else ROOM, most))
    try:
        yield
    finally:
        for pid in pids.values():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def ready(http: httpx2.AsyncClient, part: str, expected: Callable[[str], bool]) -> Callable[[], Any]:
    """Whether /readyz says so of a part; its whole answer, which is never a refusal."""

    async def found() -> dict[str, Any] | None:
        answer: dict[str, Any] = await ok(http.get("/readyz"))
        return answer if expected(answer[part]) else None

    return found


def told_of(log: str, process: str, what: str) -> int:
    return sum(f" {process} WARNING {what}" in line for line in log.splitlines())


async def test_nothing_dies_of_a_full_disk_and_there_is_no_traceback(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        where, before = place(), served.children()
        worker, employer = served.person("worker"), served.person("employer")
        await go_available(served, worker, where)
        async with served.http() as http, stream_of(served, worker) as mine:
            with full(served, *NAMES):

                async def no_session() -> httpx2.Response | None:
                    async with served.http(employer) as theirs:
                        answer = await theirs.post("/api/v1/auth/sessions/renew")
                    assert answer.status_code in {201, 503}
                    return answer if answer.status_code == 503 else None

                problem = await eventually(no_session, "a login is refused")
                assert "nothing can be stored" in problem.json()["detail"]
                assert int(problem.headers["retry-after"]) >= 1
                answer = await ok(http.get("/readyz"))
                assert (answer["status"], answer["sql"]) == ("degraded", "cannot write: disk I/O error")

                async def no_code() -> httpx2.Response | None:
                    answer = await http.post("/api/v1/auth/otp", json={"phone": str(next(_NUMBERS))})
                    assert answer.status_code in {202, 503}
                    return answer if answer.status_code == 503 else None

                problem = await eventually(no_code, "the live store has noticed")
                assert "nothing can be stored" in problem.json()["detail"]
                answer = await ok(http.get("/readyz"))
                assert answer["live"].startswith("cannot write: MISCONF")
                assert served.children() == before
            await eventually(ready(http, "status", lambda status: status == "ok"), "all is well again")
            gig = await post_gig(served, employer, where)
            event = await mine.event("offer.created")
            assert event["data"]["offer"]["gig"]["id"] == gig["id"]
        assert served.children() == before
        log = served.text()
    assert "Traceback" not in log
    assert told_of(log, "server", "cannot write to the database: disk I/O error") == 1
    assert told_of(log, "server", "the live store is away: MISCONF") == 1
    assert told_of(log, "dispatcher", "not dispatching") <= 1
