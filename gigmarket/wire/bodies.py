"""HTTP bodies of operations whose subject is in the path."""

from typing import Annotated

from pydantic import Field

from gigmarket.domain.assignment import LATEST_S
from gigmarket.domain.offer import DeclineReason
from gigmarket.wire.values import Body, Fen, Flag, Instant, Text
from gigmarket.wire.work import Payment


class EmptyBody(Body):
    """`{}`, or no body at all."""


class DeclineBody(Body):
    """Why not, if the worker cares to say."""

    reason: DeclineReason | None = None


class ReasonBody(Body):
    """An optional reason in words."""

    reason: Text = ""


class CheckInBody(Body):
    """The code shown on site; `crew`: the leader comes with all of the crew who are not there yet; `at`:
    when that was, for a device that had no network then.
    """

    code: Annotated[str, Field(strict=True, min_length=1, max_length=12)]
    crew: Flag = False
    at: Instant | None = None


class CheckOutBody(Body):
    """`crew`: the leader leaves with all of the crew who are still there; `at`: as at check-in."""

    crew: Flag = False
    at: Instant | None = None


class LateBody(Body):
    """How many minutes after the start the worker comes; 0: in time after all."""

    minutes: Annotated[int, Field(strict=True, ge=0, le=LATEST_S // 60)]


class VouchBody(Body):
    """Whether the worker is here (or has left)."""

    here: Annotated[bool, Field(strict=True)]


class PaymentsBody(Body):
    """What several people of one gig were paid."""

    payments: Annotated[list[Payment], Field(min_length=1, max_length=100)]


class SettleBody(Body):
    """How much was paid in fen, and why if it is less than due."""

    amount_fen: Fen
    reason: Text = ""
