"""`gig.v1`: the JSON text frames of /ws, one object each, tagged by `t`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gigmarket.wire.values import Count, Id, PositionIn

PROTOCOL = "gig.v1"
MAX_FRAME_BYTES = 16 * 1024
REPLAY_EVENTS = 300
REPLAY_S = 300


class Inbound(BaseModel):
    """A frame from a client. Envelopes tolerate unknown fields, so that newer clients can talk to older
    servers; the arguments of a command do not.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)


class Hello(Inbound):
    """First frame, within 10 s: the ticket and, when resuming, the epoch and last seq the client holds."""

    t: Literal["hello"]
    ticket: Id
    epoch: Id | None = None
    seq: Annotated[Count, Field(ge=0)] | None = None
    v: Literal["gig.v1"] = "gig.v1"


class Command(Inbound):
    """A request with an idempotency key of the client's choosing."""

    t: Literal["command"]
    id: Id
    op: Annotated[str, Field(strict=True, max_length=64)]
    args: dict[str, Any] = Field(default_factory=dict)


class Ack(Inbound):
    """Received up to `seq`, cumulative."""

    t: Literal["ack"]
    seq: Annotated[Count, Field(ge=0)]


class Pong(Inbound):
    """Answer to a ping."""

    t: Literal["pong"]


class Refresh(Inbound):
    """The socket goes on under another session of the same principal, before its own is over."""

    t: Literal["refresh"]
    ticket: Id


class PositionFrame(Inbound, PositionIn):
    """The worker's newest position: coalesced, no reply."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    t: Literal["position"]


ClientFrame = Annotated[Hello | Command | Ack | Pong | Refresh | PositionFrame, Field(discriminator="t")]
CLIENT_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)
CLIENT_FRAMES = (Hello, Command, Ack, Pong, Refresh, PositionFrame)


class Welcome(BaseModel):
    """The stream's epoch and head. `resumed`: the missed events follow; otherwise a snapshot does. The session
    ends at `expires_at`: refresh before.
    """

    t: Literal["welcome"] = "welcome"
    v: Literal["gig.v1"] = "gig.v1"
    epoch: str
    seq: int
    resumed: bool
    heartbeat_s: int
    now: datetime
    expires_at: datetime


class Snapshot(BaseModel):
    """The whole state of this principal as of `seq`."""

    t: Literal["snapshot"] = "snapshot"
    seq: int
    state: dict[str, Any]


class Event(BaseModel):
    """One fact of this principal's stream; `seq` counts by one without gaps, data are absolute values."""

    t: Literal["event"] = "event"
    seq: int
    kind: str
    data: dict[str, Any]
    at: datetime


class Problem(BaseModel):
    """RFC 9457, the same object over HTTP and the socket."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str | int]] | None = None


class Result(BaseModel):
    """The answer to the command with the same id: `data` when ok, `problem` otherwise."""

    t: Literal["result"] = "result"
    id: str
    ok: bool
    data: Any = None
    problem: Problem | None = None


class Ping(BaseModel):
    """Every 25 s with the stream's head; a client 5 s behind resumes."""

    t: Literal["ping"] = "ping"
    seq: int


class Refreshed(BaseModel):
    """The socket now belongs to the refreshing session, which ends at `expires_at`."""

    t: Literal["refreshed"] = "refreshed"
    expires_at: datetime


class State(BaseModel):
    """Latest value of a market state (`market.counters`, `market.cells`): conflated, never queued."""

    t: Literal["state"] = "state"
    key: str
    data: Any


class ErrorFrame(BaseModel):
    """Why the server is about to close: sent once before a close the client caused."""

    t: Literal["error"] = "error"
    problem: Problem


SERVER_FRAMES = (Welcome, Snapshot, Event, Result, Ping, Refreshed, State, ErrorFrame)
