"""How far a stream is held, and which event comes next."""

from enum import Enum, auto
from typing import Any

from gigmarket.client.hearing import Event


class Step(Enum):
    """What an event is to one who holds this much: the next one, held for later, known already, too far on."""

    NEXT = auto()
    HELD = auto()
    KNOWN = auto()
    GAP = auto()


class Place:
    """A position by `epoch` (one history of the server) and `seq` (the last event held); both None at first."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.seq: int | None = None
        self.head = 0
        """The stream's head, as far as the server told."""
        self._early: list[Event] | None = None

    def resume(self) -> dict[str, Any]:
        """What hello says so that the stream goes on from here; nothing when nothing is held."""
        return {} if self.seq is None else {"epoch": self.epoch, "seq": self.seq}

    def begin(self, epoch: str, resumed: bool) -> None:
        """The server continues from here, or a snapshot comes and events before it are held back.

        What was held until then belongs to a history that the server does not continue.
        """
        self.epoch, self.head = epoch, 0
        if not resumed:
            self.seq, self._early = None, []

    def restart(self, seq: int) -> list[Event]:
        """A snapshot as of `seq`; the events that came before it and are not in it."""
        early, self._early = self._early or [], None
        self.seq = seq
        return [event for event in early if event.seq > seq]

    def step(self, event: Event) -> Step:
        """Take an event if it is the next one."""
        if self._early is not None:
            self._early.append(event)
            return Step.HELD
        held = self.seq or 0
        if event.seq <= held:
            return Step.KNOWN
        if event.seq > held + 1:
            return Step.GAP
        self.seq = event.seq
        return Step.NEXT

    def behind(self) -> bool:
        """Whether the server told of events that have not come."""
        return self.seq is not None and self.seq < self.head

    def break_off(self) -> None:
        """The connection is gone: events that wait for a snapshot come again with the next one."""
        self._early = None
