"""One principal's place in a stream on one socket: in order, without gaps, each event once."""

from collections.abc import Sequence

from gigmarket.domain.actor import Actor
from gigmarket.edge.ws.socket import Socket
from gigmarket.wire.bus import Outgoing


class Subscriber:
    """Sends events whose turn it is and remembers whether one is missing.

    Until `start` events are held back, so that nothing falls between the snapshot's read and the socket.
    """

    __slots__ = ("_held", "_sent", "acked", "actor", "behind", "principal", "socket")

    def __init__(self, actor: Actor, socket: Socket) -> None:
        self.actor = actor
        self.principal = str(actor.principal())
        self.socket = socket
        self.acked = 0
        self._sent: int | None = None
        self._held: list[Outgoing] | None = []
        self.behind = False

    @property
    def sent(self) -> int:
        """The last seq this socket was sent; 0 before the stream has started."""
        return self._sent or 0

    @property
    def started(self) -> bool:
        """Whether the snapshot or the replay has been sent."""
        return self._sent is not None

    def start(self, seq: int) -> None:
        """The client holds everything up to `seq`: go on from there with what came meanwhile."""
        self._sent = seq
        held, self._held = self._held or [], None
        for event in held:
            self.offer(event)

    def offer(self, event: Outgoing) -> None:
        """Send an event that continues the stream, drop one that was sent; a gap leaves this one behind."""
        _, seq, frame = event
        if self._sent is None:
            if self._held is not None:
                self._held.append(event)
        elif seq == self._sent + 1:
            self.socket.send(frame)
            self._sent = seq
        elif seq > self._sent + 1:
            self.behind = True

    def fill(self, events: Sequence[Outgoing]) -> None:
        """What SQL has after `sent`: behind no longer, unless something is missing there, too."""
        self.behind = False
        for event in events:
            self.offer(event)
