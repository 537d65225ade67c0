"""What a desk sees and does: offers on their way, and accounts that may not come in."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gigmarket.domain.ids import Role
from gigmarket.wire.people import Phone
from gigmarket.wire.values import Body, Storable, View


class DeliveryView(View):
    """A pending offer; `delivered_at` is when a phone or a hall's screen said that it has it."""

    offer_id: str
    gig_id: str
    title: str
    worker_id: str
    worker: str
    station_id: str | None
    created_at: datetime
    expires_at: datetime
    delivered_at: datetime | None


class FindAccountIn(Body):
    """Look an account up by its number: in a body, since numbers do not belong into addresses."""

    role: Role
    phone: Phone


class SuspensionIn(Body):
    """Why an account is kept out, or let in again: kept in the audit."""

    reason: Annotated[str, Field(strict=True, min_length=1, max_length=200, pattern=r"\S"), Storable]


class DeskAccountView(View):
    """An account as a desk sees it: a worker's name is masked."""

    id: str
    role: Role
    name: str
    station_id: str | None
    suspended_at: datetime | None
