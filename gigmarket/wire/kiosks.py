"""Kiosks: enrolment, papers that identify, clerk mode, and attendance kept while the network was down."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gigmarket.domain.grant import PassKind
from gigmarket.wire.people import Code, Phone, Pin, SessionView
from gigmarket.wire.values import Body, Flag, Id, Instant, Storable, View

PassCode = Annotated[str, Field(strict=True, min_length=1, max_length=80, pattern=r"^[0-9A-Za-z.]+$")]


class EnrolmentView(View):
    """A screen's own: the code to show, and the secret with which it asks for its session later."""

    id: str
    code: str
    secret: str
    expires_at: datetime


class ClaimIn(Body):
    """The screen's secret."""

    secret: Annotated[str, Field(strict=True, min_length=1, max_length=100), Storable]


class ClaimView(View):
    """Nobody approved the screen yet, or its session."""

    status: Literal["waiting", "approved"]
    session: SessionView | None = None


class ApproveIn(Body):
    """The code on the screen, and the station it stands in (a clerk's own if left out)."""

    code: Code
    station_id: Id | None = None


class KioskView(View):
    """One device. `revoked_at`: it was shut out, for good."""

    id: str
    name: str
    station_id: str
    created_at: datetime
    revoked_at: datetime | None


class ScanIn(Body):
    """What the scanner read from a ticket or a card."""

    code: PassCode


class PassView(View):
    """A ticket or card to print: `code` goes into the QR code. `expires_at` null: until revoked."""

    id: str
    kind: PassKind
    code: str
    worker: str
    created_at: datetime
    expires_at: datetime | None


class GuestView(SessionView):
    """The short session of somebody who came with a ticket or a card, and what it is good for."""

    kind: PassKind
    assignment_id: str | None


class ClerkIn(Body):
    """A clerk at a kiosk."""

    phone: Phone
    pin: Pin


class WorkerIn(Body):
    """The worker somebody acts for, by phone number."""

    phone: Phone


class RevokedView(View):
    """How many papers are no longer good."""

    revoked: int


class AttendanceIn(Body):
    """A check-in or check-out that a kiosk took down at `at` while it had no network.

    The worker is known by the `code` of a pass, or by the `assignment_id` of one who was identified at this
    kiosk then. `site_code` is needed to check in. `crew`: the leader of a crew does it for all.
    """

    op: Literal["check_in", "check_out"]
    at: Instant
    code: PassCode | None = None
    assignment_id: Id | None = None
    site_code: Annotated[str, Field(strict=True, min_length=1, max_length=12)] | None = None
    crew: Flag = False
