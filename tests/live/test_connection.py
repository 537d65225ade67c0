import asyncio
import contextlib
import resource
from pathlib import Path
from typing import Any

import pytest
from redis import exceptions

from gigmarket.live.connection import (
    Client,
    LiveDown,
    LiveFull,
    blocking_client,
    connect,
    guard,
    prove_writable,
)
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.scripts import load
from tests.live.conftest import REDIS, Server
from tests.talking import eventually


async def test_replies_are_bytes_over_resp3(server: Server) -> None:
    redis = connect(server.url, server.cluster)
    await redis.set("{a}key", "值")
    assert await redis.get("{a}key") == "值".encode()
    assert redis.get_encoder().decode_responses is False
    await redis.aclose()


@pytest.mark.skipif(not REDIS, reason="no redis-server here (Debian: apt install redis-server): Valkey only")
async def test_the_suite_runs_on_a_second_kind_of_server_too(tmp_path: Path) -> None:
    assert REDIS
    other = EmbeddedValkey(tmp_path, binary=Path(REDIS))
    redis: Any = connect(other.start())
    assert int((await redis.info("server"))["redis_version"].split(".")[0]) >= 7
    await redis.aclose()
    other.stop()


async def test_a_blocking_client_outwaits_the_usual_reply_time(embedded: EmbeddedValkey) -> None:
    waiting, other = blocking_client(embedded.start()), connect(embedded.start())
    popped = asyncio.ensure_future(waiting.execute_command("BLPOP", "{a}list", 2.5))
    assert await popped is None  # it waited longer than the 2 s after which `connect` gives up
    popped = asyncio.ensure_future(waiting.execute_command("BLPOP", "{a}list", 0))
    await other.rpush("{a}list", "x")
    assert (await popped)[1] == b"x"
    await waiting.aclose()
    await other.aclose()


@pytest.mark.parametrize("cluster", [False, True])
async def test_nobody_there_is_live_down(cluster: bool, unused_tcp_port: int) -> None:
    redis = connect(f"redis://127.0.0.1:{unused_tcp_port}", cluster)
    with pytest.raises(LiveDown):
        async with guard():
            await redis.get("{a}")
    await redis.aclose()


async def test_more_commands_at_once_than_connections_wait_their_turn(redis: Client) -> None:
    async def count() -> int:
        async with guard():
            return await redis.incr("{a}count")

    assert sorted(await asyncio.gather(*(count() for _ in range(400)))) == list(range(1, 401))


async def test_no_socket_is_live_down(tmp_path: Path) -> None:
    redis = connect(f"unix://{tmp_path}/none.sock")
    with pytest.raises(LiveDown):
        async with guard():
            await redis.get("{a}")
    await redis.aclose()


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("gone"),
        exceptions.TimeoutError("slow"),
        exceptions.BusyLoadingError("loading"),
        exceptions.ReadOnlyError("replica"),
        exceptions.OutOfMemoryError("full"),
        exceptions.ClusterDownError("no slots"),
        ConnectionResetError(),
        TimeoutError(),
    ],
)
async def test_every_way_of_being_away_is_live_down(error: Exception) -> None:
    @guard()
    async def command() -> None:
        raise error

    with pytest.raises(LiveDown) as caught:
        await command()
    assert caught.value.__cause__ is error


async def test_our_own_mistakes_stay_what_they_are(server: Server) -> None:
    redis = connect(server.url, server.cluster)
    await redis.set("{a}text", "no number")
    with pytest.raises(exceptions.ResponseError):
        async with guard():
            await redis.incr("{a}text")
    await redis.aclose()


async def test_a_command_lost_on_its_way_is_not_sent_twice(embedded: EmbeddedValkey) -> None:
    redis, other = connect(embedded.start()), connect(embedded.start())
    await other.client_pause(60_000, all=False)  # writes wait on the server, so the reply comes too late
    with pytest.raises(LiveDown):
        async with guard():
            await redis.incr("{a}count")
    await other.client_unpause()
    assert int(await other.get("{a}count") or 0) <= 1
    await redis.aclose()
    await other.aclose()


async def test_a_cancellation_is_never_lost() -> None:
    """As asyncio.wait_for loses one on Python 3.11 when what it waits for is done in the same moment."""

    async def swallowing() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    reached: list[str] = []

    async def command(fails: bool) -> None:
        async with guard():
            await swallowing()
            if fails:
                raise exceptions.ConnectionError
        reached.append("the next step")

    for fails in (False, True):
        task = asyncio.create_task(command(fails))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert reached == []


async def test_a_cancelled_task_may_still_tidy_up(embedded: EmbeddedValkey) -> None:
    redis: Any = connect(embedded.start())
    entered = asyncio.Event()

    async def working() -> None:
        try:
            entered.set()
            await asyncio.Event().wait()
        finally:
            async with guard():
                await redis.set("{a}", "tidy")

    task = asyncio.create_task(working())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await redis.get("{a}") == b"tidy"
    await redis.aclose()


async def test_clients_find_a_restarted_server_again(embedded: EmbeddedValkey) -> None:
    redis = connect(embedded.start())
    await redis.set("{a}", "b")
    await asyncio.to_thread(embedded.stop)
    with pytest.raises(LiveDown):
        async with guard():
            await redis.get("{a}")
    await asyncio.to_thread(embedded.start)
    assert await redis.get("{a}") == b"b"
    await redis.aclose()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process's files")
async def test_a_full_disk_is_live_full_until_there_is_room(
    embedded: EmbeddedValkey, caplog: pytest.LogCaptureFixture
) -> None:
    """Valkey refuses every write after one that it could not append to its file (MISCONF), and nothing else."""
    redis = connect(embedded.start())
    assert embedded.pid is not None
    _, most = resource.prlimit(embedded.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(embedded.pid, resource.RLIMIT_FSIZE, (0, most))

    async def refused() -> LiveDown | None:
        try:
            async with guard():
                await redis.set("{a}key", "x")
        except LiveDown as error:
            return error
        return None

    error = await eventually(refused, "the store has noticed")
    assert isinstance(error, LiveFull)
    assert str(error).startswith("MISCONF")
    pipe: Any = redis.pipeline(transaction=False)
    pipe.set("{a}place", "28.05")
    with pytest.raises(LiveFull) as in_a_row:
        async with guard():
            await pipe.execute()
    assert "28.05" not in str(in_a_row.value)
    for script in (load("take"), load("lease_acquire")):
        with pytest.raises(LiveFull):
            async with guard():
                await script(redis, ["{a}other"], ["1", "1000"])
    async with guard():
        assert await redis.get("{a}none") is None
    with pytest.raises(LiveFull):
        await prove_writable(redis)

    resource.prlimit(embedded.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))

    async def taken() -> bool:
        return await refused() is None

    await eventually(taken, "it takes writes again")
    assert "28.05" not in caplog.text
    await redis.aclose()


async def test_a_store_that_takes_writes_proves_it(redis: Client) -> None:
    await prove_writable(redis)
