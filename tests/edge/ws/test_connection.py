"""The sending side of a socket: order, bounds, and the latest state only."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gigmarket.edge.ws import connection as connections
from gigmarket.edge.ws.connection import MAX_BYTES, MAX_FRAMES, Connection
from gigmarket.wire.closing import Close
from tests.edge.ws.socket_double import HeldSocket


@asynccontextmanager
async def writing(held: bool = False) -> AsyncIterator[tuple[Connection, HeldSocket]]:
    """A connection with its writer, ended by a close if the test did not end it."""
    socket = HeldSocket()
    await socket.open()
    if held:
        socket.reading.clear()
    connection = Connection(socket)
    writer = asyncio.create_task(connection.write())
    yield connection, socket
    socket.reading.set()
    connection.close(Close.SHUTDOWN)
    async with asyncio.timeout(10):
        await writer


async def test_frames_go_out_in_order_and_before_the_close() -> None:
    async with writing() as (connection, socket):
        for number in range(100):
            connection.send(json.dumps(number))
        connection.close(Close.REVOKED)
        connection.close(Close.SHUTDOWN)  # the first reason counts
        connection.send(json.dumps("too late"))
    assert socket.arrived == list(range(100))
    assert socket.close_code == Close.REVOKED


async def test_of_a_state_only_the_latest_value_is_kept_per_key() -> None:
    async with writing(held=True) as (connection, socket):
        connection.send('"event"')
        for number in range(1000):
            connection.send_state("counters", json.dumps({"counters": number}))
            connection.send_state("cells", json.dumps({"cells": number}))
    *_, counters, cells = socket.arrived
    assert len(socket.arrived) <= 4  # at most one of each was taken before the socket was held
    assert "event" in socket.arrived
    assert (counters, cells) == ({"counters": 999}, {"cells": 999})


async def test_events_go_before_states() -> None:
    async with writing() as (connection, socket):
        connection.send_state("counters", '"state"')
        connection.send('"event"')
    assert socket.arrived == ["event", "state"]


@pytest.mark.parametrize(
    ("frames", "size"), [(MAX_FRAMES + 2, 10), (20, MAX_BYTES // 16)], ids=["too many", "too large"]
)
async def test_a_reader_that_falls_behind_is_closed_with_4003(frames: int, size: int) -> None:
    async with writing(held=True) as (connection, socket):
        for _ in range(frames):
            connection.send(json.dumps("x" * size))
        connection.send_state("counters", "{}")
    assert socket.close_code == Close.SLOW
    assert len(socket.arrived) <= 1  # what was queued is dropped: the client resumes


async def test_as_much_as_fits_is_sent() -> None:
    async with writing(held=True) as (connection, socket):
        for number in range(MAX_FRAMES):
            connection.send(json.dumps(number))
    assert socket.arrived == list(range(MAX_FRAMES))
    assert socket.close_code == Close.SHUTDOWN


async def test_what_a_stream_begins_with_may_be_as_long_as_it_is() -> None:
    async with writing(held=True) as (connection, socket):
        connection.send(json.dumps("x" * 2 * MAX_BYTES), counted=False)
        for number in range(2 * MAX_FRAMES):
            connection.send(json.dumps(number), counted=False)
        for number in range(MAX_FRAMES):
            connection.send(json.dumps(number))
    assert socket.arrived[1:] == [*range(2 * MAX_FRAMES), *range(MAX_FRAMES)]
    assert socket.close_code == Close.SHUTDOWN


async def test_a_write_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WRITE_S", 0.01)
    socket = HeldSocket()
    await socket.open()
    socket.reading.clear()
    connection = Connection(socket)
    connection.send('"stuck"')
    async with asyncio.timeout(10):
        await connection.write()
    assert socket.close_code == Close.SLOW


async def test_a_client_that_is_gone_ends_the_writer() -> None:
    socket = HeldSocket()
    await socket.open()
    await socket.close()
    connection = Connection(socket)
    connection.send('"nobody"')
    async with asyncio.timeout(10):
        await connection.write()
    assert socket.arrived == []
