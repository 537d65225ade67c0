"""A part that is away, as the log tells it: at once, then once a minute with the count, and when it is over."""

import logging
import threading
import time
from collections.abc import Callable

AGAIN_S = 60.0
QUIET_S = 10.0
"""An outage is over when nothing failed for so long: a full disk takes a small write between two large ones."""


class Outage:
    """One part of a process's surroundings that may be away. Several threads may tell it what they met.

    `over` is the line for its end. What is told goes to the log as it is: no personal data.
    """

    def __init__(self, log: logging.Logger, over: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._over = over
        self._clock = clock
        self._lock = threading.Lock()
        self._line = ""
        self._began = self._told = self._failed = 0.0
        self._all = self._untold = 0

    @property
    def lasting(self) -> str | None:
        """What failed last, while nothing has shown that it is over."""
        return self._line or None

    def failed(self, line: str) -> None:
        """Another failure: a warning, unless there was one within the last minute."""
        with self._lock:
            now = self._clock()
            if not self._line:
                self._began, self._all, self._untold = now, 0, 0
            first, self._line, self._failed = not self._line, line, now
            self._all += 1
            if not first and now - self._told < AGAIN_S:
                self._untold += 1
                return
            untold, self._untold, self._told = self._untold, 0, now
        self._log.warning(*(("%s (%d more times)", line, untold) if untold else ("%s", line)))

    def worked(self) -> None:
        """It answered. Costs next to nothing while nothing is amiss."""
        if not self._line:
            return
        with self._lock:
            now = self._clock()
            if not self._line or now - self._failed < QUIET_S:
                return
            self._line = ""
            lasted, failures = self._failed - self._began, self._all
        self._log.info("%s, after %.0f s (failures: %d)", self._over, lasted, failures)
