"""What a caller has to expect: a request was refused, or the stream is over."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """The server said no, or could not be reached in time (`code` is then "unreachable", `status` 0).

    `problem` is the RFC 9457 object, the same over HTTP and the socket.
    """

    def __init__(self, problem: Mapping[str, Any], retry_after_s: float | None = None) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or "refused"))
        self.problem = dict(problem)
        self.retry_after_s = retry_after_s
        """Seconds after which the server asked to be tried again, if it did."""

    @property
    def code(self) -> str:
        """The stable last part of the problem's type: `offer-closed`, `rate-limited` and so on."""
        return code_of(self.problem)

    @property
    def status(self) -> int:
        """The HTTP status, over the socket too; 0 when no answer came."""
        return int(self.problem.get("status", 0))


class Ended(Exception):
    """The server closed the stream for good: another client took over, or this one is not welcome."""

    def __init__(self, code: int | None, problem: Mapping[str, Any] | None) -> None:
        said = "" if problem is None else f": {problem.get('detail')}"
        super().__init__(f"the stream has ended ({code or 'no ticket'}){said}")
        self.code = code
        """The close code (see `gigmarket.wire.closing.Close`); None when a ticket was refused."""
        self.problem = problem


class LoggedOut(Ended):
    """The session has ended: log in again."""


def code_of(problem: Mapping[str, Any]) -> str:
    """The stable code of a problem object."""
    return str(problem.get("type", "internal")).rpartition("/")[2]


def unreachable() -> dict[str, Any]:
    """The problem of a request that could not be delivered or was not answered in time.

    What became of it, the stream will tell; asking again under the same key is safe.
    """
    return {
        "type": "/problems/unreachable",
        "title": "No connection",
        "status": 0,
        "detail": "no connection to the server",
    }
