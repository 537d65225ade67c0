"""What a process has met at its database of late, for its log and for /readyz."""

import logging

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.outage import Outage

log = logging.getLogger("gigmarket.store")

_CANNOT_WRITE = "cannot write to the database: "


class Watch:
    """Entered around each read or each write, by any thread: tells the log when the database stops answering or
    storing, and when it does so again. Lasts as long as its store.
    """

    def __init__(self, away: Outage, full: Outage | None = None) -> None:
        self._away = away
        self._full = full

    @classmethod
    def both(cls) -> "tuple[Watch, Watch]":
        """Of reads and of writes: a database that answers to either is there."""
        away = Outage(log, "the database answers again")
        return cls(away), cls(away, Outage(log, "the database can be written again"))

    @property
    def refused(self) -> str | None:
        """Why the database takes no writes, while it does not."""
        line = self._full.lasting if self._full else None
        return None if line is None else line.removeprefix(_CANNOT_WRITE)

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, CannotStore) and self._full:
            self._full.failed(_CANNOT_WRITE + error.reason)
        # Not its subclasses: a row that somebody else holds is no outage.
        elif type(error) is Unavailable:
            self._away.failed(error.detail)
        elif error is None:
            self._away.worked()
            if self._full:
                self._full.worked()
