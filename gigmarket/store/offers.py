"""Offers in SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, select, update

from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import AccountId, EmployerId, GigId, OfferId, StationId, WorkerId
from gigmarket.domain.offer import DeclineReason, Offer, OfferStatus
from gigmarket.store.columns import among, one_of
from gigmarket.store.crews import together_of, together_row
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_OFFER = TABLES["offer"]
PENDING = one_of(_OFFER.c.status, [OfferStatus.PENDING])
_BY_ID = Prepared(select(_OFFER).where(_OFFER.c.id == bindparam("id")))
_BY_IDS = Prepared(select(_OFFER).where(among(_OFFER.c.id, "ids")))
_PENDING_OF_WORKERS = Prepared(select(_OFFER).where(PENDING, among(_OFFER.c.worker_id, "ids")))
_PENDING_OF_GIG = Prepared(
    select(_OFFER).where(PENDING, _OFFER.c.gig_id == bindparam("id")).order_by(_OFFER.c.id)
)
_DUE = Prepared(
    select(_OFFER)
    .where(PENDING, _OFFER.c.expires_at <= bindparam("now"))
    .order_by(_OFFER.c.expires_at)
    .limit(bindparam("most"))
)
_REFUSED = Prepared(
    select(_OFFER.c.worker_id, _OFFER.c.gig_id).where(
        among(_OFFER.c.gig_id, "gigs"),
        one_of(_OFFER.c.status, [OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.ACCEPTED]),
    )
)
_DELIVERIES = Prepared(
    select(_OFFER)
    .where(PENDING)
    .order_by(_OFFER.c.delivered_at.is_not(None), _OFFER.c.created_at, _OFFER.c.id)
    .limit(bindparam("most"))
)
_OF_PAIR = Prepared(
    select(_OFFER)
    .where(_OFFER.c.gig_id == bindparam("gig"), _OFFER.c.worker_id == bindparam("worker"))
    .order_by(_OFFER.c.id.desc())
)
_UNDELIVERED = (
    select(_OFFER.c.id)
    .where(among(_OFFER.c.id, "ids"), _OFFER.c.delivered_at.is_(None))
    .order_by(_OFFER.c.id)
    .with_for_update(key_share=True)
)
_DELIVERED = Prepared(update(_OFFER).where(_OFFER.c.id.in_(_UNDELIVERED)).values(delivered_at=bindparam("at")))
_ADD = Prepared(insert(_OFFER))
_SAVE = Prepared(
    update(_OFFER)
    .where(_OFFER.c.id == bindparam("offer_id"))
    .values(
        status=bindparam("status"),
        expires_at=bindparam("expires_at"),
        extended=bindparam("extended"),
        answered_at=bindparam("answered_at"),
        reason=bindparam("reason"),
    )
)


class Offers:
    """Queries about offers inside one transaction. Hold the gig's row before changing its offers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_many(self, offers: Sequence[Offer]) -> None:
        """Insert new offers. A second pending one for a worker breaks the unique index (IntegrityError)."""
        if offers:
            _ADD.write(self._connection, [_row(offer) for offer in offers])

    def get(self, offer_id: OfferId) -> Offer:
        """One offer. Raises NotFound."""
        row = _BY_ID.rows(self._connection, {"id": offer_id}).mappings().first()
        if row is None:
            raise NotFound("no such offer")
        return _offer(row)

    def get_many(self, ids: Sequence[OfferId]) -> dict[OfferId, Offer]:
        """The offers among these ids that exist."""
        if not ids:
            return {}
        rows = _BY_IDS.rows(self._connection, {"ids": ids})
        return {OfferId(row["id"]): _offer(row) for row in rows.mappings()}

    def save(self, offer: Offer) -> None:
        """Write the parts of an offer that change."""
        self.save_many([offer])

    def save_many(self, offers: Iterable[Offer]) -> None:
        """Write the parts that change, of many offers at once."""
        rows = [
            {
                "offer_id": offer.id,
                "status": offer.status.value,
                "expires_at": offer.expires_at,
                "extended": offer.extended,
                "answered_at": offer.answered_at,
                "reason": offer.reason.value if offer.reason else None,
            }
            # In an order, so that two who write several of the same never wait for each other in a circle.
            for offer in sorted(offers, key=lambda offer: offer.id)
        ]
        if rows:
            _SAVE.write(self._connection, rows)

    def pending_of(self, workers: Sequence[WorkerId]) -> dict[WorkerId, Offer]:
        """The pending offer of each of these workers that has one."""
        if not workers:
            return {}
        rows = _PENDING_OF_WORKERS.rows(self._connection, {"ids": workers})
        return {WorkerId(row["worker_id"]): _offer(row) for row in rows.mappings()}

    def pending_on(self, gig: GigId) -> list[Offer]:
        """A gig's pending offers."""
        return [_offer(row) for row in _PENDING_OF_GIG.rows(self._connection, {"id": gig}).mappings()]

    def pending_of_employer(self, employer: EmployerId) -> list[Offer]:
        """An employer's pending offers on all gigs."""
        return self._pending(_OFFER.c.employer_id == employer)

    def pending_at(self, station: StationId) -> list[Offer]:
        """Pending offers of workers who wait in a station's hall: the call-up board."""
        return self._pending(_OFFER.c.station_id == station)

    def _pending(self, whose: ColumnElement[bool]) -> list[Offer]:
        # By the id alone SQLite would read every offer there ever was in that order.
        statement = select(_OFFER).where(PENDING, whose).order_by(_OFFER.c.created_at, _OFFER.c.id)
        return [_offer(row) for row in self._connection.execute(statement).mappings()]

    def due(self, now: datetime, limit: int = 500) -> list[Offer]:
        """Pending offers whose time is over, earliest first."""
        return [_offer(row) for row in _DUE.rows(self._connection, {"now": now, "most": limit}).mappings()]

    def delivered(self, ids: Sequence[OfferId], at: datetime) -> None:
        """A screen has these offers; the first such moment stays."""
        if ids:
            _DELIVERED.write(self._connection, {"ids": ids, "at": at})

    def deliveries(self, limit: int) -> list[tuple[Offer, datetime | None]]:
        """Pending offers and when a screen had them first: those on no screen yet, the oldest, come first."""
        rows = _DELIVERIES.rows(self._connection, {"most": limit}).mappings()
        return [(_offer(row), row["delivered_at"]) for row in rows]

    def of_pair(self, gig: GigId, worker: WorkerId) -> list[tuple[Offer, datetime | None]]:
        """Every offer of this gig to this worker and when a screen had it first, newest first."""
        rows = _OF_PAIR.rows(self._connection, {"gig": gig, "worker": worker}).mappings()
        return [(_offer(row), row["delivered_at"]) for row in rows]

    def delivered_at(self, offer_id: OfferId) -> datetime | None:
        """When a screen had this offer first; None before that."""
        statement = select(_OFFER.c.delivered_at).where(_OFFER.c.id == offer_id)
        return self._connection.execute(statement).scalar_one_or_none()

    def refused(self, gigs: Sequence[GigId]) -> dict[WorkerId, frozenset[GigId]]:
        """Who had their chance at which of these gigs: declined, let it run out, or accepted (and perhaps
        cancelled later). A withdrawn offer does not count.
        """
        refused: dict[WorkerId, set[GigId]] = {}
        if gigs:
            for row in _REFUSED.rows(self._connection, {"gigs": gigs}):
                refused.setdefault(WorkerId(row.worker_id), set()).add(GigId(row.gig_id))
        return {worker: frozenset(ids) for worker, ids in refused.items()}


def _row(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.id,
        "gig_id": offer.gig,
        "worker_id": offer.worker,
        "employer_id": offer.employer,
        "station_id": offer.station,
        "travel_s": offer.travel_s,
        "estimated": offer.estimated,
        "created_at": offer.created_at,
        "expires_at": offer.expires_at,
        "status": offer.status.value,
        "extended": offer.extended,
        "answered_at": offer.answered_at,
        "reason": offer.reason.value if offer.reason else None,
        "round": offer.round,
        "cost_s": offer.cost_s,
        "placed_by": offer.placed_by,
        "placed_reason": offer.placed_reason or None,
        **together_row(offer.together),
    }


def _offer(row: RowMapping) -> Offer:
    return Offer(
        id=OfferId(row["id"]),
        gig=GigId(row["gig_id"]),
        worker=WorkerId(row["worker_id"]),
        employer=EmployerId(row["employer_id"]),
        station=StationId(row["station_id"]) if row["station_id"] else None,
        travel_s=row["travel_s"],
        estimated=row["estimated"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        status=OfferStatus(row["status"]),
        extended=row["extended"],
        answered_at=row["answered_at"],
        reason=DeclineReason(row["reason"]) if row["reason"] else None,
        round=row["round"],
        cost_s=row["cost_s"],
        placed_by=AccountId(row["placed_by"]) if row["placed_by"] else None,
        placed_reason=row["placed_reason"] or "",
        together=together_of(row),
    )
