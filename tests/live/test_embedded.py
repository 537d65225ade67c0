import asyncio
import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gigmarket.live.connection import LiveDown, connect, guard
from gigmarket.live.embedded import SOCKET_PATH_MAX, EmbeddedFailed, EmbeddedValkey

OWNER = """
import sys, threading
from pathlib import Path
from gigmarket.live.embedded import EmbeddedValkey

def start():
    valkey = EmbeddedValkey(Path(sys.argv[1]))
    valkey.start()
    return valkey

kept = []
starting = threading.Thread(target=lambda: kept.append(start()))
starting.start()
starting.join()  # the server must outlive the thread that asked for it
print(kept[0].pid, flush=True)
sys.stdin.read()
"""


def owner_of(data: Path) -> subprocess.Popen[str]:
    """Another process that starts the embedded server and then only waits."""
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_for_end(pidfd: int) -> None:
    ready, _, _ = select.select([pidfd], [], [], 30)
    os.close(pidfd)
    assert ready, "the server still runs"


async def value(url: str, key: str) -> bytes | None:
    redis = connect(url)
    try:
        async with guard():
            return await redis.get(key)  # type: ignore[return-value]
    finally:
        await redis.aclose()


async def keep(url: str, key: str, text: str) -> None:
    redis = connect(url)
    await redis.set(key, text)
    await redis.aclose()


async def test_it_answers_on_a_private_socket_and_on_no_port(tmp_path: Path, embedded: EmbeddedValkey) -> None:
    redis = connect(embedded.start())
    assert await redis.ping()
    assert (await redis.config_get("port"))["port"] == "0"
    assert stat.S_IMODE((tmp_path / "valkey").stat().st_mode) == 0o700
    assert embedded.alive()
    await redis.aclose()


async def test_what_was_written_is_there_after_a_stop_and_after_a_kill(embedded: EmbeddedValkey) -> None:
    url = embedded.start()
    await keep(url, "stopped", "kept")
    embedded.stop()
    assert not await asyncio.to_thread(embedded.alive)
    with pytest.raises(LiveDown):
        await value(url, "stopped")

    assert embedded.start() == url
    await keep(url, "killed", "kept")
    pid = embedded.pid
    assert pid is not None
    killed = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(killed)
    assert not embedded.alive()

    assert embedded.start() == url
    assert await value(url, "stopped") == await value(url, "killed") == b"kept"


async def test_it_dies_with_its_parent_and_the_folder_can_be_served_again(tmp_path: Path) -> None:
    with owner_of(tmp_path) as owner:
        assert owner.stdout is not None
        server = os.pidfd_open(int(owner.stdout.readline()))
        owner.kill()
    wait_for_end(server)

    again = EmbeddedValkey(tmp_path)
    await keep(again.start(), "a", "b")
    again.stop()


def test_two_processes_never_serve_one_folder(tmp_path: Path) -> None:
    with owner_of(tmp_path) as owner:
        assert owner.stdout is not None
        first = int(owner.stdout.readline())
        with pytest.raises(EmbeddedFailed, match="another process already serves"):
            EmbeddedValkey(tmp_path).start()
        os.kill(first, 0)  # the refused one left the first one running
        owner.kill()


async def test_a_server_left_without_its_market_is_replaced(tmp_path: Path) -> None:
    """Where the system has no way to tie the two together: the lock is free, yet the socket answers."""
    orphan = EmbeddedValkey(tmp_path)
    await keep(orphan.start(), "a", "b")
    assert orphan.pid is not None
    assert orphan._lock is not None
    left = os.pidfd_open(orphan.pid)
    os.close(orphan._lock)
    orphan._lock = None

    heir = EmbeddedValkey(tmp_path)
    url = heir.start()
    wait_for_end(left)
    assert await value(url, "a") == b"b"
    heir.stop()
    orphan.stop()


async def test_a_long_path_gets_its_socket_elsewhere_and_keeps_its_url(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * SOCKET_PATH_MAX)
    valkey = EmbeddedValkey(deep)
    url = valkey.start()
    folder = Path(url.removeprefix("unix://")).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.is_relative_to(tmp_path)
    await keep(url, "a", "b")
    valkey.stop()
    assert not folder.exists()

    later = EmbeddedValkey(deep)
    assert later.start() == url
    assert await value(url, "a") == b"b"
    later.stop()


async def test_a_noted_socket_folder_that_is_no_longer_private_is_not_used(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * SOCKET_PATH_MAX)
    trap = tmp_path / "trap"
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    (deep / "valkey").mkdir(parents=True)
    (deep / "valkey" / "socket.dir").write_text(str(trap))
    valkey = EmbeddedValkey(deep)
    assert not Path(valkey.start().removeprefix("unix://")).is_relative_to(trap)
    valkey.stop()


async def test_a_broken_file_is_set_aside_for_all_in_it_can_be_rebuilt(embedded: EmbeddedValkey) -> None:
    await keep(embedded.start(), "a", "b")
    embedded.stop()
    for part in (embedded.folder / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*1\r\n$7\r\nnonsens" + part.read_bytes())
    assert await value(embedded.start(), "a") is None
    assert (embedded.folder / "appendonlydir.broken").is_dir()


def test_a_server_that_cannot_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedFailed, match="did not start"):
        EmbeddedValkey(tmp_path, binary=Path("/bin/false")).start()
