"""A floor's server: one protocol on a free port of the loopback, until SIGTERM."""

import asyncio
import signal
import socket
from collections.abc import Callable, Coroutine

import uvloop

from gigmarket.process import collect_the_young


async def listen(factory: Callable[[], asyncio.Protocol]) -> None:
    """Say where, collect what the start left, as the real server does, and serve."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await loop.create_server(factory, sock=listener, backlog=4096)
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    collect_the_young()
    await stopped.wait()
    server.close()


def on_uvloop(serving: Coroutine[None, None, None]) -> None:
    """Run it to its end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving)
