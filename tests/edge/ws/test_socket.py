"""One socket over an in-memory transport and a real client protocol: upgrade, messages, stalls, closes."""

import asyncio
import gc
import json
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from gigmarket.domain.errors import Forbidden, RateLimited, Refusal, Unavailable
from gigmarket.edge.ws.outbox import MAX_FRAMES
from gigmarket.edge.ws.session import FRAMES_PER_MINUTE
from gigmarket.edge.ws.socket import CLOSE_S, LOOK_S, MAX_WS_BYTES, SLICE, WRITE_S
from gigmarket.wire.closing import Close
from gigmarket.wire.framing import text_frame
from tests.edge.ws.peer import OpenGate, Peer
from tests.serving import problem_code


def frame(value: object) -> bytes:
    return text_frame(json.dumps(value).encode())


async def settled() -> None:
    """Let what was called soon happen."""
    for _ in range(5):
        await asyncio.sleep(0)


def later(seconds: float) -> float:
    """The loop's time, some seconds on."""
    return asyncio.get_running_loop().time() + seconds


async def test_messages_pass_both_ways_whole_and_in_pieces() -> None:
    peer = Peer()
    peer.say(b'{"t":"pong"}')
    peer.say(b'{"t":"', fin=False)
    peer.client.send_continuation("挑".encode()[:2], fin=False)
    peer.client.send_continuation("挑".encode()[2:] + b'"}', fin=True)
    peer.flush()
    assert peer.gate.session.heard == [b'{"t":"pong"}', '{"t":"挑"}'.encode()]
    for number in range(100):
        peer.socket.send(frame(number))
    assert peer.arrived == list(range(100))
    assert peer.state.connections == {peer.socket}


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["short", "long", "pieces", "ping", "empty"]), max_size=8),
    st.lists(st.integers(1, 200), max_size=40),
)
def test_however_the_bytes_are_cut_the_messages_are_the_same(kinds: list[str], cuts: list[int]) -> None:
    async def session() -> None:
        peer, expected = Peer(), []
        for number, kind in enumerate(kinds):
            text = f"{kind} {number}".encode() * (60 if kind == "long" else 0 if kind == "empty" else 1)
            if kind == "ping":
                peer.client.send_ping(b"there?")
                continue
            expected.append(text)
            if kind == "pieces":
                peer.client.send_text(text[:3], fin=False)
                peer.client.send_continuation(text[3:], fin=True)
            else:
                peer.client.send_text(text)
        said = b"".join(peer.client.data_to_send())
        for size in [*cuts, len(said)]:
            part, said = said[:size], said[size:]
            if part:
                peer.socket.data_received(part)
        assert peer.gate.session.heard == expected

    asyncio.run(session())


async def test_a_text_inside_of_another_ends_the_connection() -> None:
    peer = Peer()
    peer.say(b"first part", fin=False)
    peer.socket.data_received(Frame(Opcode.TEXT, b"another").serialize(mask=True))
    await settled()
    assert (peer.gate.session.heard, peer.close_code) == ([], 1002)


async def test_a_text_where_a_payload_should_go_on_is_a_part_of_it() -> None:
    peer = Peer()
    inside = Frame(Opcode.TEXT, b"inside").serialize(mask=True)
    # A mask of zeros shows the payload as it is.
    peer.socket.data_received(bytes((0x82, 0x80 | len(inside))) + bytes(4))
    peer.socket.data_received(inside)
    assert peer.gate.session.heard == [inside]


async def test_what_comes_after_a_close_is_not_heard() -> None:
    peer = Peer()
    peer.socket.close(Close.REVOKED)
    peer.socket.data_received(Frame(Opcode.TEXT, b"late").serialize(mask=True))
    assert peer.gate.session.heard == []


async def test_a_library_ping_is_answered() -> None:
    peer = Peer()
    peer.client.send_ping(b"there?")
    peer.flush()
    assert peer.gate.session.heard == []
    assert not peer.wire.closed


@pytest.mark.parametrize(
    ("refusal", "status", "after"),
    [
        (Forbidden("not from here"), 403, None),
        (RateLimited("too many from there", 1.5), 429, "2"),
        (Unavailable("no room"), 503, "2"),
    ],
)
async def test_who_may_not_come_in_gets_a_problem(refusal: Refusal, status: int, after: str | None) -> None:
    peer = Peer(OpenGate(refused=refusal))
    await settled()
    assert peer.refused is not None
    headers = peer.refused.headers
    assert peer.refused.status_code == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers.get("Retry-After") == after
    assert problem_code(bytes(peer.refused.body)) == refusal.code
    assert peer.wire.closed
    assert peer.state.connections == set()


async def test_a_close_comes_after_what_was_sent_and_the_first_reason_counts() -> None:
    peer = Peer()
    peer.socket.send(frame("last"))
    peer.socket.close(Close.REVOKED)
    peer.socket.close(Close.SHUTDOWN)
    peer.socket.send(frame("too late"))
    await settled()
    assert (peer.arrived, peer.close_code) == (["last"], Close.REVOKED)
    assert peer.wire.closed
    assert peer.gate.session.over


async def test_a_client_that_leaves_is_answered_and_forgotten() -> None:
    peer = Peer()
    peer.client.send_close(1000)
    peer.flush()
    await settled()
    assert peer.close_code == 1000
    assert peer.gate.session.over
    assert peer.state.connections == set()


async def test_a_lost_connection_is_gone_at_once_and_leaves_nothing_to_the_collector() -> None:
    peer = Peer()
    peer.say(b"{}")
    library = weakref.ref(peer.socket._conn)
    gc.disable()
    try:
        peer.socket.connection_lost(ConnectionResetError())
        del peer.socket
        assert library() is None
    finally:
        gc.enable()


async def test_a_stalled_client_gets_everything_later_states_by_their_latest_value() -> None:
    peer = Peer()
    peer.stall()
    for number in range(MAX_FRAMES):
        peer.socket.send(frame(number))
        peer.socket.send_state("counters", frame({"counters": number}))
    peer.read()
    assert peer.arrived == [*range(MAX_FRAMES), {"counters": MAX_FRAMES - 1}]
    assert peer.close_code is None


async def test_a_close_waits_for_what_is_queued() -> None:
    peer = Peer()
    peer.stall()
    peer.socket.send(frame("queued"))
    peer.socket.close(Close.SHUTDOWN)
    peer.read()
    await settled()
    assert (peer.arrived, peer.close_code) == (["queued"], Close.SHUTDOWN)


async def test_who_falls_too_far_behind_is_closed_with_4003() -> None:
    peer = Peer()
    peer.stall()
    for number in range(MAX_FRAMES + 1):
        peer.socket.send(frame(number))
    peer.socket.send_state("counters", frame("state"))
    peer.read()
    await settled()
    # What was queued is dropped: the client resumes.
    assert (peer.arrived, peer.close_code) == ([], Close.SLOW)


async def test_who_takes_nothing_for_five_seconds_is_closed_and_then_cut_off() -> None:
    peer = Peer()
    peer.stall()
    peer.socket.tick(later(WRITE_S - 1))
    open_before = peer.socket.open
    peer.socket.tick(later(WRITE_S + 1))
    assert (open_before, peer.socket.open, peer.wire.closed) == (True, False, False)
    peer.socket.tick(later(WRITE_S + CLOSE_S + 2))
    await settled()
    assert peer.wire.aborted
    assert peer.gate.session.over


async def test_the_session_is_ticked_while_the_socket_is_open() -> None:
    peer = Peer()
    peer.socket.tick(later(0))
    peer.socket.close(Close.RATE)
    peer.socket.tick(later(0))
    assert len(peer.gate.session.ticks) == 1


async def test_who_takes_something_is_not_too_slow_however_long_it_takes() -> None:
    peer = Peer()
    peer.stall()
    while not peer.wire.paused:
        peer.socket.send(frame("x" * 1000))
    now = later(0)
    for _ in range(20):
        now += WRITE_S - 1
        peer.wire.line.acked += 1
        peer.socket.tick(now)
    is_open = [peer.socket.open]
    for after_s in (WRITE_S - 1, WRITE_S + 1):  # and nothing any more
        peer.socket.tick(now + after_s)
        is_open.append(peer.socket.open)
    assert is_open == [True, True, False]
    peer.read()
    assert peer.close_code == Close.SLOW


async def test_who_says_nothing_is_let_go_of_without_an_answer_to_the_close() -> None:
    peer = Peer()
    peer.socket.close(Close.SILENT)
    await settled()
    assert peer.close_code == Close.SILENT
    assert peer.wire.closed


FLOODS = {
    "pings": (Frame(Opcode.PING, b""), []),
    "pongs": (Frame(Opcode.PONG, b""), []),
    "parts without end": (
        Frame(Opcode.CONT, b"", fin=False),
        [Frame(Opcode.TEXT, b"", fin=False)],
    ),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_of_frames_that_no_session_counts_ends_the_socket(name: str) -> None:
    one, first = FLOODS[name]
    peer = Peer()
    few = [*first, *[one] * (FRAMES_PER_MINUTE // 2)]
    peer.socket.data_received(b"".join(each.serialize(mask=True) for each in few))
    assert (peer.gate.session.floods, peer.wire.closed) == (0, False)
    peer.socket.data_received(one.serialize(mask=True) * 200_000)
    await settled()
    assert (peer.gate.session.floods, peer.gate.session.over, peer.wire.closed) == (1, True, True)
    # The rest was not even looked at.
    assert len(peer.socket._conn.events_received()) <= SLICE


async def test_what_comes_after_a_close_is_a_flood_before_long() -> None:
    peer = Peer()
    peer.reading = False
    peer.socket.close(Close.RATE)
    message = Frame(Opcode.TEXT, b"{}").serialize(mask=True)
    for _ in range(FRAMES_PER_MINUTE + 1):
        peer.socket.data_received(message)
    assert peer.wire.closed


async def test_a_socket_says_until_when_it_need_not_be_looked_at() -> None:
    peer = Peer()
    session = peer.gate.session
    assert (peer.socket.tick(100.0), session.stirred) == (105.0, 0)
    peer.stall()
    while not peer.wire.paused:
        peer.socket.send(frame("x" * 1000))
    blocked = later(0)
    assert (peer.socket.tick(blocked), session.stirred) == (blocked + LOOK_S, 1)
    peer.read()
    assert peer.socket.tick(200.0) == 205.0
    peer.socket.close(Close.RATE)
    assert (peer.socket.tick(201.0), session.stirred) == (201.0 + LOOK_S, 2)


@pytest.mark.parametrize(
    "raw",
    [
        Frame(Opcode.TEXT, b"unmasked").serialize(mask=False),
        b"\xff\xff\xff\xff",
    ],
    ids=["unmasked", "noise"],
)
async def test_what_is_no_websocket_ends_the_socket(raw: bytes) -> None:
    peer = Peer()
    peer.socket.data_received(raw)
    await settled()
    assert peer.gate.session.heard == []
    assert peer.wire.closed
    assert peer.gate.session.over


async def test_what_is_too_large_for_the_library_is_a_bad_frame_too() -> None:
    peer = Peer()
    peer.socket.data_received(Frame(Opcode.TEXT, b"x" * (MAX_WS_BYTES + 1)).serialize(mask=True))
    await settled()
    assert peer.close_code == Close.BAD_FRAME
    assert peer.gate.session.heard == []
    assert peer.wire.closed


async def test_uvicorns_end_tells_the_client_to_come_back() -> None:
    peer = Peer()
    peer.socket.shutdown()
    await settled()
    assert peer.close_code == Close.SHUTDOWN
    assert peer.wire.closed
