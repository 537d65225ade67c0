"""HTTP bodies of operations whose subject is in the path."""

from typing import Annotated

from pydantic import Field

from gigmarket.domain.offer import DeclineReason
from gigmarket.wire.values import Body, Fen, Text


class EmptyBody(Body):
    """`{}`, or no body at all."""


class DeclineBody(Body):
    """Why not, if the worker cares to say."""

    reason: DeclineReason | None = None


class ReasonBody(Body):
    """An optional reason in words."""

    reason: Text = ""


class CheckInBody(Body):
    """The code shown on site."""

    code: Annotated[str, Field(strict=True, min_length=1, max_length=12)]


class SettleBody(Body):
    """How much was paid in fen, and why if it is less than due."""

    amount_fen: Fen
    reason: Text = ""
