"""One principal's place in a stream on one socket: in order, without gaps, each event once."""

from collections.abc import Sequence

from gigmarket.domain.actor import Actor
from gigmarket.edge.ws.connection import Connection
from gigmarket.wire.bus import Outgoing


class Subscriber:
    """Sends events whose turn it is and remembers whether one is missing.

    Until `start` events are held back, so that nothing falls between the snapshot's read and the socket.
    """

    def __init__(self, actor: Actor, connection: Connection) -> None:
        self.actor = actor
        self.principal = str(actor.principal())
        self.connection = connection
        self.acked = 0
        self._sent: int | None = None
        self._held: list[Outgoing] = []
        self.behind = False

    @property
    def sent(self) -> int:
        """The last seq this socket was sent; 0 before the stream has started."""
        return self._sent or 0

    @property
    def started(self) -> bool:
        """Whether the snapshot or the replay has been queued."""
        return self._sent is not None

    def start(self, seq: int) -> None:
        """The client holds everything up to `seq`: go on from there with what came meanwhile."""
        self._sent = seq
        held, self._held = self._held, []
        self.offer(held)

    def offer(self, events: Sequence[Outgoing]) -> None:
        """Send what continues the stream, drop what was sent; a gap marks the subscriber as behind."""
        for event in events:
            if self._sent is None:
                self._held.append(event)
            elif event.seq == self._sent + 1:
                self.connection.send(event.frame.decode())
                self._sent = event.seq
            elif event.seq > self._sent + 1:
                self.behind = True
