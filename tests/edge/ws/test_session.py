"""The session machine alone: every phase with every frame, hello in time, pings and pongs, rates."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Datum
from gigmarket.edge.ws.session import (
    COMMANDS_PER_MINUTE,
    EARLY_S,
    FRAMES_PER_MINUTE,
    HEARTBEAT_S,
    HELLO_S,
    PONG_S,
    SEEN_S,
    Action,
    Alive,
    Call,
    End,
    Ended,
    Live,
    Phase,
    Received,
    Redeem,
    Refuse,
    SeeWhatIsTaken,
    SendPing,
    Waiting,
)
from gigmarket.wire.closing import Close
from gigmarket.wire.frames import MAX_FRAME_BYTES, PositionFrame
from tests.serving import problem_code

T0 = 1000.0
HELLO = {"t": "hello", "ticket": "abc"}
COMMAND = {"t": "command", "id": "c1", "op": "offer.accept", "args": {"offer_id": "o1"}}
ACK, PONG = {"t": "ack", "seq": 7}, {"t": "pong"}
POSITION = {"t": "position", "lat": 28.06, "lng": 115.55, "datum": "gcj02"}


def frame(value: Any) -> str:
    return json.dumps(value)


def live(now: float = T0) -> Phase:
    phase, _ = Waiting(now).receive(frame(HELLO), now)
    assert isinstance(phase, Live)
    return phase


def ended(actions: tuple[Action, ...]) -> End:
    (end,) = actions
    assert isinstance(end, End)
    return end


def test_hello_asks_for_the_ticket_to_be_redeemed() -> None:
    phase, actions = Waiting(T0).receive(frame(HELLO), T0)
    assert isinstance(phase, Live)
    assert actions == (Redeem("abc", None, None),)


def test_a_crowd_that_comes_at_once_is_not_pinged_at_once() -> None:
    phase, _ = Waiting(T0, early_s=EARLY_S).receive(frame(HELLO), T0)
    assert phase.due() == T0 + HEARTBEAT_S - EARLY_S > Waiting(T0).due()
    phase, actions = phase.tick(phase.due())
    assert (actions, phase.due()) == ((SendPing(),), T0 + HEARTBEAT_S - EARLY_S + SEEN_S)
    phase, _ = phase.receive(frame(PONG), T0 + HEARTBEAT_S)
    assert phase.due() == T0 + 2 * HEARTBEAT_S - EARLY_S


def test_hello_may_resume() -> None:
    resuming = {**HELLO, "epoch": "e1", "seq": 41, "v": "gig.v1", "later": "ignored"}
    assert Waiting(T0).receive(frame(resuming), T0)[1] == (Redeem("abc", "e1", 41),)


@pytest.mark.parametrize("first", [COMMAND, ACK, PONG, POSITION])
def test_nothing_but_hello_comes_first(first: dict[str, Any]) -> None:
    phase, actions = Waiting(T0).receive(frame(first), T0)
    end = ended(actions)
    assert phase == Ended()
    assert end.code is Close.BAD_FRAME
    assert end.problem is not None
    assert problem_code(end.problem) == "unauthenticated"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (COMMAND, Call("c1", "offer.accept", {"offer_id": "o1"})),
        ({"t": "command", "id": "c2", "op": "nonsense"}, Call("c2", "nonsense", {})),
        (ACK, Received(7)),
        (PONG, Alive()),
        (POSITION, PositionFrame(t="position", lat=28.06, lng=115.55, datum=Datum.GCJ02)),
    ],
)
def test_frames_after_hello(said: dict[str, Any], meant: Action) -> None:
    for raw in (frame(said), frame(said).encode()):
        phase, actions = live().receive(raw, T0 + 1)
        assert isinstance(phase, Live)
        assert actions == (meant,)


def test_hello_is_said_once() -> None:
    phase, actions = live().receive(frame(HELLO), T0)
    assert (phase, ended(actions).code) == (Ended(), Close.BAD_FRAME)


BAD = {
    "nothing": "",
    "not JSON": "{",
    "not UTF-8": b"\xff",
    "a list": "[]",
    "null": "null",
    "no tag": "{}",
    "unknown tag": '{"t":"shout"}',
    "a server's frame": '{"t":"welcome"}',
    "nested too deep": '{"t":' + "[" * 5000,
    "half a character": '{"t":"hello","ticket":"\\ud83d"}',
    "too many bytes": frame({**HELLO, "more": "x" * MAX_FRAME_BYTES}),
    "too many bytes in fewer characters": json.dumps({**HELLO, "more": "长" * 6000}, ensure_ascii=False),
    "a position without datum": frame({"t": "position", "lat": 1, "lng": 1}),
    "an ack below zero": frame({"t": "ack", "seq": -1}),
    "an id too long": frame({**COMMAND, "id": "x" * 65}),
    "an empty ticket": frame({**HELLO, "ticket": ""}),
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
@pytest.mark.parametrize("phase", [Waiting(T0), live()], ids=["waiting", "live"])
def test_a_bad_frame_ends_the_connection(phase: Phase, raw: str | bytes) -> None:
    after, actions = phase.receive(raw, T0)
    end = ended(actions)
    assert (after, end.code) == (Ended(), Close.BAD_FRAME)
    assert end.problem is not None
    assert problem_code(end.problem) == "validation"
    assert end.problem["status"] == 422


def test_a_frame_of_exactly_the_limit_is_read() -> None:
    raw = frame({**HELLO, "more": ""})
    raw = frame({**HELLO, "more": "x" * (MAX_FRAME_BYTES - len(raw))})
    assert len(raw) == MAX_FRAME_BYTES
    assert isinstance(Waiting(T0).receive(raw, T0)[0], Live)


def test_another_version_is_told_so() -> None:
    phase, actions = Waiting(T0).receive(frame({**HELLO, "v": "gig.v2"}), T0)
    end = ended(actions)
    assert (phase, end.code) == (Ended(), Close.VERSION)
    assert end.problem is not None
    assert end.problem["errors"][0]["path"] == "v"


def test_hello_comes_within_ten_seconds() -> None:
    waiting = Waiting(T0)
    assert waiting.tick(T0 + HELLO_S) == (waiting, ())
    phase, actions = waiting.tick(T0 + HELLO_S + 0.001)
    assert (phase, ended(actions)) == (Ended(), End(Close.SILENT))


def test_pings_come_every_25_s_and_a_pong_is_owed_within_8() -> None:
    phase = live()
    assert phase.tick(T0 + HEARTBEAT_S - 0.001) == (phase, ())
    pinged, actions = phase.tick(T0 + HEARTBEAT_S)
    assert actions == (SendPing(),)
    assert pinged.tick(T0 + HEARTBEAT_S + SEEN_S - 0.001) == (pinged, ())
    pinged, actions = pinged.tick(pinged.due())
    assert (actions, pinged.due()) == ((SeeWhatIsTaken(),), T0 + HEARTBEAT_S + PONG_S)
    assert pinged.tick(T0 + HEARTBEAT_S + PONG_S) == (pinged, ())
    over, actions = pinged.tick(T0 + HEARTBEAT_S + PONG_S + 0.001)
    assert (over, ended(actions)) == (Ended(), End(Close.SILENT))


@given(st.lists(st.tuples(st.sampled_from([None, PONG, POSITION]), st.floats(0.01, 30)), max_size=12))
def test_before_it_is_due_a_tick_does_nothing(steps: list[tuple[dict[str, Any] | None, float]]) -> None:
    now, phase = T0, Waiting(T0).receive(frame(HELLO), T0)[0]
    for fresh in (Waiting(T0), Ended()):
        assert fresh.tick(min(fresh.due(), T0 + 1e6) - 0.001) == (fresh, ())
    for said, pause in steps:
        now += pause
        if now < phase.due():
            assert phase.tick(now) == (phase, ())
        phase, _ = phase.tick(now)
        if said is not None:
            phase, _ = phase.receive(frame(said), now)


@pytest.mark.parametrize("sign", [PONG, ACK, COMMAND, POSITION])
def test_any_frame_is_a_sign_of_life(sign: dict[str, Any]) -> None:
    pinged, _ = live().tick(T0 + HEARTBEAT_S)
    heard, _ = pinged.receive(frame(sign), T0 + HEARTBEAT_S + 1)
    assert heard.tick(T0 + HEARTBEAT_S + PONG_S + 1) == (heard, ())
    assert heard.tick(T0 + 2 * HEARTBEAT_S)[1] == (SendPing(),)


def test_a_hundred_commands_a_minute_and_no_more() -> None:
    phase = live()
    for _ in range(COMMANDS_PER_MINUTE):
        phase, actions = phase.receive(frame(COMMAND), T0)
        assert isinstance(actions[0], Call)
    phase, actions = phase.receive(frame(COMMAND), T0)
    assert isinstance(actions[0], Refuse)
    assert (actions[0].id, actions[0].refusal.code) == (COMMAND["id"], "rate-limited")
    # The budget fills evenly: one more each 0.6 s, and a pong costs none.
    phase, _ = phase.receive(frame(PONG), T0)
    phase, actions = phase.receive(frame(COMMAND), T0 + 0.61)
    assert isinstance(actions[0], Call)
    assert isinstance(phase.receive(frame(COMMAND), T0 + 0.62)[1][0], Refuse)


def test_six_hundred_frames_a_minute_and_no_more() -> None:
    phase = live()
    for _ in range(FRAMES_PER_MINUTE):
        phase, actions = phase.receive(frame(POSITION), T0)
        assert isinstance(actions[0], PositionFrame)
    end = ended(phase.receive(frame(POSITION), T0)[1])
    assert end.code is Close.RATE
    assert end.problem is not None
    assert end.problem["type"] == "/problems/rate-limited"
    assert isinstance(phase.receive(frame(POSITION), T0 + 1)[0], Live)


WORDS = st.sampled_from(
    ["hello", "command", "ack", "pong", "position", "shout", "abc", "gig.v1", "offer.accept", "wgs84"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["t", "ticket", "epoch", "seq", "v", "id", "op", "args", "lat", "lng", "datum"])
GOOD = st.sampled_from([HELLO, COMMAND, ACK, PONG, POSITION]).map(frame)
FRAMES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200),
    st.dictionaries(FIELDS, VALUES, max_size=6).map(frame),
    GOOD,
    GOOD,
)
STEPS = st.lists(st.tuples(FRAMES | st.none(), st.floats(0, 40)), max_size=30)


@given(STEPS)
def test_whatever_comes_nothing_raises_and_nothing_follows_the_end(
    steps: list[tuple[str | bytes | None, float]],
) -> None:
    now, over = T0, False
    phase: Phase = Waiting(T0)
    for raw, pause in steps:
        now += pause
        phase, actions = phase.tick(now) if raw is None else phase.receive(raw, now)
        assert not (over and actions)
        for action in actions:
            if isinstance(action, End):
                over = True
                assert isinstance(phase, Ended)
                assert action is actions[-1]
                assert action.problem is None or action.problem["type"].startswith("/problems/")
        assert isinstance(phase, Ended) == over
