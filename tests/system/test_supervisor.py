"""`gigmarket serve` as an operator meets it: restarts, refusals to start, and a clean stop."""

import os
import signal
import socket
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest

from tests.serving import STOP_S, WAIT_S, Serving, alive, command, environment, place, serving, wait_until
from tests.system.conftest import NAMES
from tests.talking import go_available, ok, post_gig, stream_of
from workers.listeners import DOORS

pytestmark = pytest.mark.system


def refused(*words: str, **settings: str) -> str:
    """The one line that `gigmarket …` ends with instead of starting; it must exit with 1."""
    ended = subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        env=environment(**settings),
        timeout=WAIT_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    (line,) = (line for line in ended.stderr.splitlines() if line.startswith("gigmarket: "))
    return line


async def test_killed_processes_are_started_again_and_dispatch_goes_on(breakable: Serving) -> None:
    where = place()
    worker, employer = breakable.person("worker"), breakable.person("employer")
    await go_available(breakable, worker, where)
    before = breakable.children()
    assert before.keys() == NAMES
    os.kill(before["dispatcher"], signal.SIGKILL)
    async with stream_of(breakable, worker) as mine:
        gig = await post_gig(breakable, employer, where)
        event = await mine.event("offer.created")
        assert event["data"]["offer"]["gig"]["id"] == gig["id"]

    for name in ("server", "relay", "expirer", "janitor"):
        os.kill(before[name], signal.SIGKILL)
    wait_until(
        lambda: not before.items() & (breakable.children().items() - {("valkey", before["valkey"])}), "new"
    )
    wait_until(lambda: breakable.children().keys() == NAMES, "all run again")
    assert breakable.children()["valkey"] == before["valkey"]
    async with breakable.http(employer) as http:
        assert (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["status"] == "open"


def test_a_second_server_on_the_same_folder_is_refused(served: Serving) -> None:
    line = refused("serve", "--data", str(served.data), "--port", "0")
    assert "another gigmarket is running on" in line
    assert served.process.poll() is None


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused("serve", "--data", str(tmp_path / "data"), "--port", str(port))
    assert f"cannot listen on 127.0.0.1:{port}" in line


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    url = "postgresql:///gigmarket?host=/nowhere"
    line = refused("serve", "--data", str(tmp_path / "data"), "--port", "0", GIGMARKET_DATABASE_URL=url)
    assert "the database cannot be used" in line


async def test_without_its_live_store_it_serves_from_sql_and_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, GIGMARKET_REDIS_URL="unix:///nowhere/valkey.sock") as running:
        assert running.children().keys() == NAMES - {"valkey"}
        await post_gig(running, running.person("employer"), place())
        async with running.http() as http:
            ready = await ok(http.get("/readyz"))
        assert (ready["status"], ready["sql"], ready["live"]) == ("degraded", "ok", "down")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert str(tmp_path / "data") in refused("serve", "--data", str(tmp_path / "data"), "--port", "0")


async def test_sigterm_leaves_no_process_and_the_market_goes_on_where_it_was(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        gig = await post_gig(running, employer := running.person("employer"), place())
        async with stream_of(running, employer) as hers:
            epoch, seq, children = hers.epoch, hers.seq, running.children()
            running.process.send_signal(signal.SIGTERM)
            assert await hers.closed() == 4001
        assert running.process.wait(STOP_S) == 0
        assert not any(map(alive, children.values()))
        assert not list(running.data.rglob("valkey.sock"))

        running.launch()
        async with stream_of(running, employer, epoch, seq) as hers:
            assert hers.welcome["resumed"]
        async with running.http(employer) as http:
            assert (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["status"] == "open"


async def test_sigterm_before_ready_stops_as_well(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("serve", "--data", str(tmp_path / "data"), "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    ) as starting:
        wait_until((tmp_path / "data" / "lock").exists, "it has begun")
        starting.send_signal(signal.SIGTERM)
        assert starting.wait(WAIT_S) == 0


async def test_server_processes_share_the_port_and_any_event_reaches_its_principal(tmp_path: Path) -> None:
    with serving(tmp_path, GIGMARKET_SERVERS="3") as running:
        servers = {pid for name, pid in running.children().items() if name.startswith("server")}
        assert len(servers) == 3
        where = place()
        worker, employer = running.person("worker"), running.person("employer")
        await go_available(running, worker, where)
        async with AsyncExitStack() as streams:
            # Enough sockets that no single process can have taken them all by chance (1 in 3^15).
            both = [
                [await streams.enter_async_context(stream_of(running, person)) for _ in range(8)]
                for person in (worker, employer)
            ]
            assert len(serving_processes(running, servers)) > 1
            gig = await post_gig(running, employer, where)
            offered = {(await stream.event("offer.created"))["data"]["offer"]["id"] for stream in both[0]}
            seen = {(await stream.event("offer.created"))["data"]["offer"]["id"] for stream in both[1]}
            assert (len(offered), seen) == (1, offered)
            async with running.http(employer) as http:
                assert (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["status"] == "open"


def test_each_server_process_has_several_queues_of_its_own(served: Serving) -> None:
    """A crowd overruns one: the kernel then drops connections, which ask again after seconds."""
    port = int(served.url.rpartition(":")[2])
    listening = [
        c for c in psutil.Process(served.children()["server"]).net_connections("tcp") if c.status == "LISTEN"
    ]
    assert [c.laddr.port for c in listening] == [port] * DOORS
    assert DOORS > 1


async def test_sighup_replaces_the_servers_and_a_client_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, GIGMARKET_SERVERS="2") as running:
        before = {name: pid for name, pid in running.children().items() if name.startswith("server")}
        employer = running.person("employer")
        async with stream_of(running, employer) as hers:
            epoch, seq = hers.epoch, hers.seq
            running.process.send_signal(signal.SIGHUP)
            assert await hers.closed() == 4001
        async with stream_of(running, employer, epoch, seq) as hers:
            assert hers.welcome["resumed"]
        wait_until(lambda: not any(map(alive, before.values())), "the old servers end", 2 * WAIT_S)
        after = {name: pid for name, pid in running.children().items() if name.startswith("server")}
        assert after.keys() == before.keys()
        await post_gig(running, employer, place())


def serving_processes(running: Serving, servers: set[int]) -> set[int]:
    """Which of these processes hold an accepted connection on the server's port."""
    port = int(running.url.rpartition(":")[2])
    found = set()
    for connection in psutil.net_connections("tcp"):
        if connection.pid in servers and connection.status == "ESTABLISHED" and connection.laddr.port == port:
            found.add(connection.pid)
    return found


def test_a_misspelt_setting_is_told_once_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, GIGMARKET_SMS_GATEWY="https://s3cret.example.gov.cn") as running:
        lines = [line for line in running.text().splitlines() if "GIGMARKET_SMS_GATEWY" in line]
    assert len(lines) == 1
    assert "supervisor WARNING no such settings" in lines[0]
    assert "s3cret" not in running.text()
