"""The numbers of `gig.v1` that a client has to know, in one place for the documents."""

from dataclasses import dataclass

from gigmarket.wire.frames import MAX_FRAME_BYTES, REPLAY_EVENTS, REPLAY_S
from gigmarket.wire.states import RECENT


@dataclass(frozen=True, slots=True)
class Limit:
    """A number with its unit, and what happens there."""

    value: int
    unit: str
    says: str


LIMITS: dict[str, Limit] = {
    "ticket": Limit(30, "s", "A ticket is good for so long, once."),
    "hello": Limit(10, "s", "The first frame comes within this, or the server closes with 4005."),
    "heartbeat": Limit(25, "s", "The server pings this often (`heartbeat_s` of `welcome`)."),
    "pong": Limit(8, "s", "Any frame from the client within this after a ping, or 4005."),
    "behind": Limit(5, "s", "A client that lacks an event this long after a ping resumes on a new connection."),
    "replay_events": Limit(REPLAY_EVENTS, "events", "At most so many missed events are sent again."),
    "replay": Limit(REPLAY_S, "s", "And only if the oldest of them is at most this old; otherwise a snapshot."),
    "recent": Limit(
        RECENT,
        "items",
        "The newest gigs and assignments in a snapshot; older ones while under way or not paid.",
    ),
    "frame": Limit(MAX_FRAME_BYTES, "bytes", "The largest frame from a client, or 4500."),
    "commands": Limit(
        100,
        "per minute",
        "From one connection; one more is answered with `rate-limited` and not carried out.",
    ),
    "frames": Limit(600, "per minute", "Frames of every kind from one connection, or 4006."),
    "queued_frames": Limit(256, "frames", "So many events waiting for a client that does not read, then 4003."),
    "queued_bytes": Limit(256 * 1024, "bytes", "Or so much of them, then 4003."),
    "write": Limit(5, "s", "A client that takes nothing for this long is closed with 4003."),
    "answers": Limit(24, "hours", "The first answer to a command's `id` is repeated for this long."),
}
