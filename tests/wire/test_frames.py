"""`gig.v1` frames: what a client may send before and after hello, and what the server sends."""

import math
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from gigmarket.wire.codec import decode, encode
from gigmarket.wire.frames import (
    CLIENT_FRAME,
    CLIENT_FRAMES,
    MAX_FRAME_BYTES,
    PROTOCOL,
    REPLAY_EVENTS,
    REPLAY_S,
    SERVER_FRAMES,
    Ack,
    Command,
    ErrorFrame,
    Event,
    Hello,
    Ping,
    Pong,
    PositionFrame,
    Problem,
    Refresh,
    Refreshed,
    Result,
    Snapshot,
    State,
    Welcome,
)
from gigmarket.wire.problems import problem_of
from tests.domain.samples import NOW

PLACE: dict[str, Any] = {"t": "position", "lat": 28.0, "lng": 115.5, "datum": "gcj02"}


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"t": "hello", "ticket": "abc"}, Hello),
        ({"t": "hello", "ticket": "abc", "epoch": "e1", "seq": 0}, Hello),
        ({"t": "hello", "ticket": "abc", "v": "gig.v1", "client": "kiosk/3"}, Hello),
        ({"t": "command", "id": "c1", "op": "offer.accept", "args": {"offer_id": "o1"}}, Command),
        ({"t": "command", "id": "c1", "op": "offer.accept"}, Command),
        ({"t": "ack", "seq": 7, "lag_ms": 3}, Ack),
        ({"t": "pong"}, Pong),
        ({"t": "refresh", "ticket": "abc"}, Refresh),
        (PLACE, PositionFrame),
        (PLACE | {"accuracy_m": 12, "lat": 28}, PositionFrame),
    ],
)
def test_a_frame_is_read_by_its_tag(frame: dict[str, Any], kind: type[BaseModel]) -> None:
    assert type(CLIENT_FRAME.validate_python(decode(encode(frame)))) is kind


@pytest.mark.parametrize(
    "frame",
    [
        *(None, 7, "hello", [], {}, {"t": None}, {"t": "HELLO"}, {"t": "welcome"}),
        {"t": "hello"},
        {"t": "hello", "ticket": ""},
        {"t": "hello", "ticket": "x" * 65},
        {"t": "hello", "ticket": 7},
        {"t": "hello", "ticket": "abc", "seq": -1},
        {"t": "hello", "ticket": "abc", "seq": "7"},
        {"t": "hello", "ticket": "abc", "seq": 7.5},
        {"t": "hello", "ticket": "abc", "v": "gig.v2"},
        {"t": "command", "op": "offer.accept"},
        {"t": "command", "id": "", "op": "offer.accept"},
        {"t": "command", "id": 1, "op": "offer.accept"},
        {"t": "command", "id": "x" * 65, "op": "offer.accept"},
        {"t": "command", "id": "c1"},
        {"t": "command", "id": "c1", "op": "x" * 65},
        {"t": "command", "id": "c1", "op": "offer.accept", "args": ["o1"]},
        {"t": "command", "id": "c1", "op": "offer.accept", "args": None},
        {"t": "ack"},
        {"t": "ack", "seq": True},
        {"t": "ack", "seq": -1},
        {"t": "position", "lat": 28.0, "lng": 115.5},
        PLACE | {"lat": 91},
        PLACE | {"lat": math.nan},
        PLACE | {"lng": math.inf},
        PLACE | {"lng": "115.5"},
        PLACE | {"datum": "wgs72"},
    ],
)
def test_a_bad_frame_is_refused(frame: object) -> None:
    with pytest.raises(ValidationError):
        CLIENT_FRAME.validate_python(frame)


def test_what_a_client_sent_cannot_be_changed_later() -> None:
    frame = CLIENT_FRAME.validate_python({"t": "ack", "seq": 7})
    with pytest.raises(ValidationError):
        frame.seq = 8  # type: ignore[union-attr,misc]


def written(frame: BaseModel) -> dict[str, Any]:
    """A server's frame as a client reads it."""
    read: dict[str, Any] = decode(encode(frame))
    return read


def test_the_servers_frames_read_as_the_protocol() -> None:
    trouble = Problem(**problem_of("offer-closed", "the offer has expired"))
    assert written(Welcome(epoch="e1", seq=0, resumed=False, heartbeat_s=25, now=NOW, expires_at=NOW)) == {
        "t": "welcome",
        "v": "gig.v1",
        "epoch": "e1",
        "seq": 0,
        "resumed": False,
        "heartbeat_s": 25,
        "now": "2025-06-02T01:00:00Z",
        "expires_at": "2025-06-02T01:00:00Z",
    }
    assert written(Refreshed(expires_at=NOW)) == {"t": "refreshed", "expires_at": "2025-06-02T01:00:00Z"}
    assert written(Snapshot(seq=3, state={"offers": []})) == {
        "t": "snapshot",
        "seq": 3,
        "state": {"offers": []},
    }
    assert written(Event(seq=4, kind="gig.updated", data={"gig": {}}, at=NOW)) == {
        "t": "event",
        "seq": 4,
        "kind": "gig.updated",
        "data": {"gig": {}},
        "at": "2025-06-02T01:00:00Z",
    }
    assert written(Ping(seq=4)) == {"t": "ping", "seq": 4}
    assert written(State(key="market.counters", data={"open_gigs": 1}))["key"] == "market.counters"
    done = written(Result(id="c1", ok=True, data={"assignment": {"id": "a1"}}))
    assert (done["id"], done["ok"], done["data"]) == ("c1", True, {"assignment": {"id": "a1"}})
    refused = written(Result(id="c2", ok=False, problem=trouble))
    assert (refused["ok"], refused["problem"]["type"]) == (False, "/problems/offer-closed")
    assert written(ErrorFrame(problem=trouble))["problem"]["status"] == 409


def test_every_servers_frame_has_its_own_tag_and_no_clients_tag() -> None:
    tags = [frame.model_fields["t"].default for frame in SERVER_FRAMES]
    clients = [get_args(kind.model_fields["t"].annotation)[0] for kind in CLIENT_FRAMES]
    assert len({*tags, *clients}) == len(tags) + len(clients)
    assert clients == ["hello", "command", "ack", "pong", "refresh", "position"]


def test_the_protocols_limits() -> None:
    assert (PROTOCOL, MAX_FRAME_BYTES, REPLAY_EVENTS, REPLAY_S) == ("gig.v1", 16 * 1024, 300, 300)
