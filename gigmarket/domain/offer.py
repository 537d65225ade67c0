"""An offer: `pending → accepted | declined | expired | withdrawn`. While pending it reserves its seat."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gigmarket.domain.crew import Together
from gigmarket.domain.errors import Forbidden, NotFound, OfferClosed
from gigmarket.domain.ids import AccountId, EmployerId, GigId, OfferId, StationId, WorkerId
from gigmarket.domain.policy import Policy


class OfferStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    """Why a worker said no, from a short list so that it can be counted."""

    TOO_FAR = "too_far"
    PAY = "pay"
    HOURS = "hours"
    WORK = "work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offer:
    """One seat held for one worker until `expires_at`.

    `travel_s` is the worker's travel to the site in seconds by the worker's own mode, `estimated` when it
    comes from the straight line; `station` is the hall the worker waits in, if any. `round` names the round
    that made it and `cost_s` is what the match cost there, in seconds of travel; `placed_by` is the account
    of a desk that made it by hand, for `placed_reason`. `together`: each of a crew has one like it, and they
    are answered as one.
    """

    id: OfferId
    gig: GigId
    worker: WorkerId
    employer: EmployerId
    station: StationId | None
    travel_s: int
    estimated: bool
    created_at: datetime
    expires_at: datetime
    status: OfferStatus = OfferStatus.PENDING
    extended: bool = False
    answered_at: datetime | None = None
    reason: DeclineReason | None = None
    round: str | None = None
    cost_s: float | None = None
    placed_by: AccountId | None = None
    placed_reason: str = ""
    together: Together | None = None


@dataclass(frozen=True, slots=True)
class OfferCreated:
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferExtended:
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferClosedWithout:
    """Declined, expired or withdrawn: the seat is free again."""

    offer: Offer


OfferFact = OfferCreated | OfferExtended | OfferAccepted | OfferClosedWithout


def expires_at(now: datetime, station: StationId | None, latest: datetime, policy: Policy) -> datetime:
    """When an offer made now runs out: longer for a worker who has to walk up to a kiosk, but never after
    `latest`, the end of the gig.
    """
    return min(latest, now + timedelta(seconds=policy.kiosk_offer_s if station else policy.phone_offer_s))


def accept(offer: Offer, by: WorkerId, now: datetime) -> tuple[Offer, tuple[OfferFact, ...]]:
    """Take the seat this offer reserved: in time it always succeeds.

    Raises OfferClosed once answered, withdrawn or past `expires_at`; NotFound for another worker, Forbidden for
    a member of a crew: its leader accepts each of its offers.
    """
    _open_to(offer, by, now)
    if offer.together is not None and by != offer.together.leader:
        raise Forbidden("the leader of the crew accepts for all")
    accepted = replace(offer, status=OfferStatus.ACCEPTED, answered_at=now)
    return accepted, (OfferAccepted(accepted),)


def decline(
    offer: Offer, by: WorkerId, reason: DeclineReason | None, now: datetime
) -> tuple[Offer, tuple[OfferFact, ...]]:
    """Say no, with or without a reason; it costs the worker nothing. Raises as `accept`."""
    _open_to(offer, by, now)
    declined = replace(offer, status=OfferStatus.DECLINED, answered_at=now, reason=reason)
    return declined, (OfferClosedWithout(declined),)


def extend(
    offer: Offer, by: WorkerId, now: datetime, latest: datetime, policy: Policy
) -> tuple[Offer, tuple[OfferFact, ...]]:
    """再想想: hold the seat `policy.extend_s` longer, once, but not past `latest`, the end of the gig.

    Raises OfferClosed the second time, and as `accept`.
    """
    _open_to(offer, by, now)
    if offer.extended:
        raise OfferClosed("the offer was extended already")
    until = min(latest, offer.expires_at + timedelta(seconds=policy.extend_s))
    longer = replace(offer, extended=True, expires_at=until)
    return longer, (OfferExtended(longer),)


def expire(offer: Offer, now: datetime) -> tuple[Offer, tuple[OfferFact, ...]]:
    """Close a pending offer whose time is over; any other is left as it is."""
    if offer.status is not OfferStatus.PENDING or now < offer.expires_at:
        return offer, ()
    expired = replace(offer, status=OfferStatus.EXPIRED, answered_at=now)
    return expired, (OfferClosedWithout(expired),)


def withdraw(offer: Offer, now: datetime) -> tuple[Offer, tuple[OfferFact, ...]]:
    """Take a pending offer back: the gig was called off or the worker left; any other is left as it is."""
    if offer.status is not OfferStatus.PENDING:
        return offer, ()
    withdrawn = replace(offer, status=OfferStatus.WITHDRAWN, answered_at=now)
    return withdrawn, (OfferClosedWithout(withdrawn),)


def _open_to(offer: Offer, by: WorkerId, now: datetime) -> None:
    if by != offer.worker and (offer.together is None or by != offer.together.leader):
        raise NotFound("no such offer")
    if offer.status is not OfferStatus.PENDING:
        raise OfferClosed(f"the offer is already {offer.status}")
    if now >= offer.expires_at:
        raise OfferClosed("the offer has expired")
