"""The disk is full: nothing dies, everybody is told the same, and it goes on by itself once there is room.

A limit on the size of the files that running processes write stands for the disk: it can be lifted again.
"""

import asyncio
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx2
import pytest

from tests.serving import Serving, place, problem_code, serving
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


async def refused(http: httpx2.AsyncClient, path: str, part: str, **body: str) -> str | None:
    """What /readyz says of a part right after this was refused as it should be; None while it still goes."""
    answer = await http.post(path, json=body)
    if answer.is_success:
        return None
    assert (answer.status_code, problem_code(answer.content)) == (503, "unavailable")
    assert "nothing can be stored" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) >= 1
    told: dict[str, str] = await ok(http.get("/readyz"))
    return told[part] if told["status"] == "degraded" and told[part] != "ok" else None


def assert_told_once(log: str, process: str, what: str, over: str) -> None:
    """Said at once, on a slow machine a minute later with the count, and as news only after its end."""
    lines = [line for line in log.splitlines() if f" {process} " in line]
    said = [line for line in lines if f"WARNING {what}" in line and not line.endswith("more times)")]
    ends = [line for line in lines if f"INFO {over}" in line]
    assert 1 <= len(said) <= 1 + len(ends), log


async def test_nothing_dies_of_a_full_disk_and_there_is_no_traceback(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        where, before = place(), served.children()
        worker, employer = served.person("worker"), served.person("employer")
        await go_available(served, worker, where)
        async with served.http(employer) as http, stream_of(served, worker) as mine:
            # From now on: who hears answers pings, too.
            hearing = asyncio.create_task(mine.event("offer.created"))
            with full(served, *NAMES):
                sql = await eventually(
                    lambda: refused(http, "/api/v1/auth/sessions/renew", "sql"), "SQL takes nothing"
                )
                assert sql == "cannot write: disk I/O error"
                live = await eventually(
                    lambda: refused(http, "/api/v1/auth/otp", "live", phone=str(next(_NUMBERS))),
                    "the live store takes nothing",
                )
                assert live.startswith("cannot write: MISCONF")
                assert served.children() == before

            async def well() -> bool:
                told: dict[str, str] = await ok(http.get("/readyz"))
                return told["status"] == "ok"

            await eventually(well, "there is room again")
            gig = await post_gig(served, employer, where)
            assert (await hearing)["data"]["offer"]["gig"]["id"] == gig["id"]
        assert served.children() == before
        log = served.text()
    assert "Traceback" not in log
    assert_told_once(
        log, "server", "cannot write to the database: disk I/O error", "the database can be written"
    )
    assert_told_once(log, "server", "the live store is away: MISCONF", "the live store serves again")


async def test_a_login_that_was_not_stored_goes_with_the_same_code_when_there_is_room(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        async with served.http() as http:

            async def kept_out() -> dict[str, str] | None:
                phone = str(next(_NUMBERS))
                await ok(http.post("/api/v1/auth/otp", json={"phone": phone}), 202)
                code = re.findall(r"验证码是 (\d{6})", served.text())[-1]
                body = {"phone": phone, "code": code, "role": "worker", "name": "周福生"}
                answer = await http.post("/api/v1/auth/sessions", json=body)
                assert answer.status_code in {201, 503}
                return body if answer.status_code == 503 else None

            with full(served, *NAMES - {"valkey"}):
                body = await eventually(kept_out, "a login is refused")
            await ok(http.post("/api/v1/auth/sessions", json=body), 201)
