"""What phones say all the time and want no answer to, positions, pongs and acks: taken in many at a time."""

from collections.abc import Callable

MOST = 200
"""So many are not kept waiting for more: half a millisecond's work."""


class Backlog:
    """Whom `put` names is called back by the next `settle`, with all others since the last.

    One frame alone finds the caches full of something else, and costs three times what it does after another
    (docs/loadtests.md, `positions`).
    """

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def put(self, take_in: Callable[[], None]) -> None:
        """Call this later: at the next `settle`, or at once with the others when they are MOST."""
        self._waiting.append(take_in)
        if len(self._waiting) >= MOST:
            self.settle()

    def settle(self) -> None:
        """Everybody's turn has come."""
        waiting, self._waiting = self._waiting, []
        for take_in in waiting:
            take_in()
