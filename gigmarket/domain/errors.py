"""Everything a rule can refuse, one type per stable problem code (RFC 9457 `type`)."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field: a dotted path into the request and a reason a person can act on. `most` is the limit where
    that is a number of days ahead (a start) or of hours (an end): pages say it in their own words.
    """

    path: str
    reason: str
    most: int | None = None


class Refusal(Exception):
    """A rule said no. `code` is public and stable; `detail` is one sentence without personal data."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class Invalid(Refusal):
    """The request contradicts itself or the world; `errors` names the fields."""

    code = "validation"

    @classmethod
    def field(cls, path: str, reason: str) -> "Invalid":
        """One bad field."""
        return cls(f"{path}: {reason}", (FieldError(path, reason),))


class Unauthenticated(Refusal):
    """Nobody known is asking."""

    code = "unauthenticated"


class Forbidden(Refusal):
    """Known, but this role may not do that."""

    code = "forbidden"


class NotFound(Refusal):
    """No such thing, or it is another's: the two are never told apart."""

    code = "not-found"


class OfferClosed(Refusal):
    """The offer was answered, withdrawn or ran out."""

    code = "offer-closed"


class GigClosed(Refusal):
    """The gig is cancelled, expired or over."""

    code = "gig-closed"


class Overlap(Refusal):
    """The worker is already engaged in those hours, travel included."""

    code = "overlap"


class NotPlaceable(Refusal):
    """A desk may not give this worker this gig; `errors` names the deciding rule by its stable code."""

    code = "not-placeable"


class WrongState(Refusal):
    """The assignment is not in a state from which this step is possible."""

    code = "assignment-state"


class NotCheckedIn(Refusal):
    """Nobody leaves before arriving: the gig stands, and the worker is not checked in to it."""

    code = "not-checked-in"


class CheckedInAlready(Refusal):
    """The worker is there already, by another way than this one."""

    code = "checked-in-already"


class TooEarly(Refusal):
    """The step opens later; the detail says when."""

    code = "too-early"


class WrongCode(Refusal):
    """The site code, login code or PIN does not match."""

    code = "wrong-code"


class IdempotencyMismatch(Refusal):
    """The key was used before with another request."""

    code = "idempotency-mismatch"


class RateLimited(Refusal):
    """Too many requests; `retry_after_s` says when to try again."""

    code = "rate-limited"

    def __init__(self, detail: str, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(Refusal):
    """A part this request needs is down: try again with the same key, for the answer may have got lost."""

    code = "unavailable"

    def __init__(self, detail: str, retry_after_s: float = 2.0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class CannotStore(Unavailable):
    """The store answers, but takes nothing. `reason`, such as a full disk, is for the log and for operators;
    whoever asked is told what it means to him.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("nothing can be stored at the moment: try again a little later", 10.0)
        self.reason = reason


class Fenced(Exception):
    """This dispatcher was replaced while it slept: its transaction must not write."""
