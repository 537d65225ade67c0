"""Accounts, sessions, workers' profiles and presence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import Role
from gigmarket.domain.worker import PresenceStatus, Worker, status
from gigmarket.wire.advice import AdviceView
from gigmarket.wire.values import (
    Body,
    Count,
    Fen,
    Flag,
    Instant,
    Name,
    PositionIn,
    PositionView,
    Storable,
    View,
)

Phone = Annotated[str, Field(strict=True, pattern=r"^\+?[0-9]{5,20}$")]
_NUMBER: TypeAdapter[str] = TypeAdapter(Phone)
Pin = Annotated[str, Field(strict=True, pattern=r"^[0-9]{4,8}$")]
Code = Annotated[str, Field(strict=True, pattern=r"^[0-9]{6}$")]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def phone_of(text: str) -> str:
    """A number that one can log in with. Raises ValueError."""
    return _NUMBER.validate_python(text)


def _checked(number: str) -> str:
    if "10X98765432"[sum(int(a) * b for a, b in zip(number, _WEIGHTS, strict=False)) % 11] != number[-1]:
        raise ValueError("is not an ID number: the last place does not match")
    return number


IdNumber = Annotated[str, Field(strict=True, pattern=r"^[0-9]{17}[0-9X]$"), AfterValidator(_checked)]
"""An 18-place ID number with its check digit, as a card reader types it."""
SelfServeRole = Literal["worker", "employer"]


class OtpIn(Body):
    """Ask for a one-time code by SMS."""

    phone: Phone


class OtpSent(View):
    """The code is on its way; it is never in the answer."""

    expires_in_s: int


class SessionIn(Body):
    """Log in with the code. `name` is needed the first time; clerks and staff are entered by an operator."""

    phone: Phone
    code: Code
    role: Role
    name: Name | None = None


class AccountView(View):
    """Who a session belongs to."""

    id: str
    role: Role
    name: str
    station_id: str | None = None


class SessionView(View):
    """A new session. `token` is shown once and stored hashed."""

    token: str
    expires_at: datetime
    account: AccountView


class KioskIn(Body):
    """Turn this screen into a kiosk of the clerk's station."""

    station_id: Annotated[str, Field(strict=True, max_length=64), Storable] | None = None


class IdentifyIn(Body):
    """A worker at a kiosk: phone number, or the ID number that a card reader typed, and PIN."""

    phone: Phone | None = None
    id_number: IdNumber | None = None
    pin: Pin

    @model_validator(mode="after")
    def _one_number(self) -> "IdentifyIn":
        if (self.phone is None) == (self.id_number is None):
            raise ValueError("send either phone or id_number")
        return self


class PinIn(Body):
    """The worker's PIN for kiosks: 4 to 8 digits."""

    pin: Pin


class RegisterIn(Body):
    """A clerk enters a worker who has no phone account yet (代办)."""

    name: Name
    phone: Phone
    pin: Pin
    trades: Annotated[list[str], Field(max_length=20)]
    mode: Mode = Mode.WALK
    id_number: IdNumber | None = None


class ProfileIn(Body):
    """What a worker does, how they travel, and the least pay in fen for a gig.

    `reach_s`: the longest way in seconds of travel; null for the city's circle, more for gigs that stay open.
    """

    trades: Annotated[list[str], Field(max_length=20)]
    mode: Mode
    floor_wage_fen: Fen = 0
    name: Name | None = None
    reach_s: Count | None = None


class PresenceIn(Body):
    """Go available (with a position, or in the hall of the kiosk's station) or offline."""

    status: Literal["available", "offline"]
    position: PositionIn | None = None
    until: Instant | None = None
    in_hall: Flag = False


class PresenceView(View):
    """Whether the worker gets offers now, since when, and from where; `advice` after saying where."""

    status: PresenceStatus
    since: datetime | None
    until: datetime | None
    position: PositionView | None
    station_id: str | None
    advice: tuple[AdviceView, ...] = ()

    @classmethod
    def of(cls, worker: Worker, offered: bool, checked_in: bool) -> "PresenceView":
        """The derived status with the stored wish."""
        presence = worker.presence
        return cls(
            status=status(presence, offered, checked_in),
            since=presence.since,
            until=presence.until,
            position=PositionView.of(presence.position) if presence.position else None,
            station_id=presence.station,
        )


class WorkerView(View):
    """A worker's own profile."""

    id: str
    name: str
    trades: list[str]
    mode: Mode
    floor_wage_fen: int
    presence: PresenceView
    has_pin: bool
    reach_s: int | None = None
    groups: Sequence[str] = ()


class EmployerIn(Body):
    """The employer's name as workers see it."""

    name: Name


class TicketView(View):
    """A single-use ticket for /ws, good for `expires_in_s` seconds."""

    ticket: str
    expires_in_s: int


class DemoLoginIn(Body):
    """Log in as the demo's person in this role."""

    role: Role
