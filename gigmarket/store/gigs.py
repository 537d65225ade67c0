"""Gigs in SQL. The gig's row is the lock for everything that happens to its seats."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, exists, insert, or_, select, update

from gigmarket.domain.assignment import WORKING
from gigmarket.domain.errors import NotFound
from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Draft, Gig, GigStatus, Settlement, Site, Wage, WageUnit
from gigmarket.domain.ids import TIME_OF_ID, EmployerId, GigId, OfferId, new_id
from gigmarket.store.columns import among, one_of
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_GIG = TABLES["gig"]
_ASSIGNMENT = TABLES["assignment"]
_ACCOUNT = TABLES["account"]
_OFFER = TABLES["offer"]
_ONE = select(_GIG).where(_GIG.c.id == bindparam("id"))
_MANY = select(_GIG).where(among(_GIG.c.id, "ids")).order_by(_GIG.c.id)
_BY_ID, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update())
_BY_IDS, _LOCK_MANY = Prepared(_MANY), Prepared(_MANY.with_for_update())
_LOCK_OFFERED = Prepared(
    select(_GIG)
    .where(_GIG.c.id == select(_OFFER.c.gig_id).where(_OFFER.c.id == bindparam("id")).scalar_subquery())
    .with_for_update()
)
_LOCK_FREE_OFFERED = Prepared(
    select(_GIG)
    .where(_GIG.c.id.in_(select(_OFFER.c.gig_id).where(among(_OFFER.c.id, "ids"))))
    .with_for_update(skip_locked=True)
)
_ADD = Prepared(insert(_GIG))
_SAVE = Prepared(
    update(_GIG)
    .where(_GIG.c.id == bindparam("gig_id"))
    .values(
        status=bindparam("status"),
        reserved=bindparam("reserved"),
        filled=bindparam("filled"),
        vacated=bindparam("vacated"),
        recruit_until=bindparam("recruit_until"),
    )
)
_SOMEBODY_WORKING = exists().where(_ASSIGNMENT.c.gig_id == _GIG.c.id, one_of(_ASSIGNMENT.c.status, WORKING))
_OVER = or_(
    and_(_GIG.c.status == "open", _GIG.c.recruit_until <= bindparam("now"), _GIG.c.reserved == 0),
    and_(_GIG.c.status == "filled", _GIG.c.starts_at <= bindparam("now")),
    and_(_GIG.c.status == "in_progress", _GIG.c.ends_at <= bindparam("now"), ~_SOMEBODY_WORKING),
)
_UNFINISHED = [GigStatus.OPEN, GigStatus.FILLED, GigStatus.IN_PROGRESS]
_DUE = Prepared(select(_GIG.c.id).where(one_of(_GIG.c.status, _UNFINISHED), _OVER).limit(bindparam("most")))
# Said twice: SQLite finds the index of the unfinished by its own words only.
IS_OPEN = and_(one_of(_GIG.c.status, _UNFINISHED), one_of(_GIG.c.status, [GigStatus.OPEN]))
_FREE = Prepared(
    select(_GIG)
    .where(IS_OPEN, _GIG.c.recruit_until > bindparam("now"), _GIG.c.reserved + _GIG.c.filled < _GIG.c.headcount)
    # By the id alone SQLite would read every gig there ever was in that order.
    .order_by(_GIG.c.posted_at, _GIG.c.id)
    .limit(bindparam("most"))
)


class Gigs:
    """Queries about gigs inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, gig: Gig) -> None:
        """Insert a new gig."""
        _ADD.write(self._connection, _row(gig))

    def get(self, gig_id: GigId) -> Gig:
        """One gig as it is. Raises NotFound."""
        return self._one(_BY_ID, gig_id)

    def lock(self, gig_id: GigId) -> Gig:
        """One gig, held until the transaction ends. Raises NotFound."""
        return self._one(_LOCK, gig_id)

    def lock_offered(self, offer_id: OfferId) -> Gig:
        """The gig of an offer, held until the transaction ends. Raises NotFound: as for another's offer."""
        return self._one(_LOCK_OFFERED, offer_id, "offer")

    def lock_free_offered(self, offers: Sequence[OfferId]) -> dict[GigId, Gig]:
        """The gigs of these offers that nobody else holds, held until the transaction ends; it never waits."""
        return self._many(_LOCK_FREE_OFFERED, offers)

    def get_many(self, ids: Sequence[GigId]) -> dict[GigId, Gig]:
        """The gigs among these ids that exist."""
        return self._many(_BY_IDS, ids)

    def lock_many(self, ids: Sequence[GigId]) -> dict[GigId, Gig]:
        """The same, held until the transaction ends; rows are locked in id order."""
        return self._many(_LOCK_MANY, ids)

    def save(self, gig: Gig) -> None:
        """Write the parts of a gig that change."""
        self.save_many([gig])

    def save_many(self, gigs: Sequence[Gig]) -> None:
        """Write the parts that change, of many gigs at once."""
        if gigs:
            _SAVE.write(self._connection, [_changes(gig) for gig in gigs])

    def with_free_seats(self, now: datetime, limit: int = 10_000) -> list[Gig]:
        """Open gigs that still recruit and have a seat to offer, oldest first."""
        rows = _FREE.rows(self._connection, {"now": now, "most": limit})
        return [_gig(row) for row in rows.mappings()]

    def due(self, now: datetime, limit: int = 500) -> list[GigId]:
        """Gigs that the clock moves on: recruiting is over and no offer is open, the start has come, or the end
        with nobody working any more. Those it can't move yet would fill the batch and keep the others waiting.
        """
        rows = _DUE.rows(self._connection, {"now": now, "most": limit})
        return [GigId(row.id) for row in rows]

    def of_employer(self, employer: EmployerId, before: str | None, limit: int) -> list[Gig]:
        """An employer's gigs, newest first, older than the cursor `before`."""
        statement = select(_GIG).where(_GIG.c.employer_id == employer)
        if before is not None:
            statement = statement.where(_GIG.c.id < before)
        rows = self._connection.execute(statement.order_by(_GIG.c.id.desc()).limit(limit))
        return [_gig(row) for row in rows.mappings()]

    def under_way(self, employer: EmployerId, before: str) -> list[Gig]:
        """An employer's gigs that have not ended, older than the cursor `before`, however many."""
        statement = select(_GIG).where(
            one_of(_GIG.c.status, _UNFINISHED), _GIG.c.employer_id == employer, _GIG.c.id < before
        )
        return [_gig(row) for row in self._connection.execute(statement).mappings()]

    def recent(self, posted_after: datetime, words: str, limit: int) -> list[tuple[Gig, str]]:
        """Gigs posted after this moment, with the employer's name, the newest first; `words` stand in the title
        or in that name.
        """
        first_id = new_id(posted_after, random.Random(0))[:TIME_OF_ID]  # noqa: S311 - only the time is kept
        statement = (
            select(_GIG, _ACCOUNT.c.name.label("employer"))
            .join(_ACCOUNT, _ACCOUNT.c.id == _GIG.c.employer_id)
            .where(
                _GIG.c.id >= first_id,
                or_(
                    _GIG.c.title.icontains(words, autoescape=True),
                    _ACCOUNT.c.name.icontains(words, autoescape=True),
                ),
            )
        )
        rows = self._connection.execute(statement.order_by(_GIG.c.id.desc()).limit(limit))
        return [(_gig(row), row["employer"]) for row in rows.mappings()]

    def not_begun(self, employer: EmployerId) -> list[GigId]:
        """An employer's gigs that recruit or are full and have not begun."""
        waiting = one_of(_GIG.c.status, [GigStatus.OPEN, GigStatus.FILLED])
        statement = select(_GIG.c.id).where(waiting, _GIG.c.employer_id == employer).order_by(_GIG.c.id)
        return [GigId(name) for name in self._connection.execute(statement).scalars()]

    def _one(self, statement: Prepared, key: str, what: str = "gig") -> Gig:
        row = statement.rows(self._connection, {"id": key}).mappings().first()
        if row is None:
            raise NotFound(f"no such {what}")
        return _gig(row)

    def _many(self, statement: Prepared, ids: Sequence[str]) -> dict[GigId, Gig]:
        if not ids:
            return {}
        rows = statement.rows(self._connection, {"ids": sorted(set(ids))})
        return {GigId(row["id"]): _gig(row) for row in rows.mappings()}


def _changes(gig: Gig) -> dict[str, Any]:
    return {
        "gig_id": gig.id,
        "status": gig.status.value,
        "reserved": gig.reserved,
        "filled": gig.filled,
        "vacated": gig.vacated,
        "recruit_until": gig.recruit_until,
    }


def _row(gig: Gig) -> dict[str, Any]:
    draft = gig.draft
    return {
        "id": gig.id,
        "employer_id": gig.employer,
        "title": draft.title,
        "trade": draft.trade,
        "headcount": draft.headcount,
        "min_crew": draft.min_crew,
        "lat": draft.site.position.lat,
        "lng": draft.site.position.lng,
        "address": draft.site.address,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "wage_fen": draft.wage.amount_fen,
        "wage_per": draft.wage.per.value,
        "settlement": draft.settlement.value,
        "settle_on": draft.settle_on,
        "meals": draft.meals,
        "transport": draft.transport,
        "note": draft.note,
        "posted_at": gig.posted_at,
        "site_code": gig.site_code,
        "recruit_until": gig.recruit_until,
        "status": gig.status.value,
        "reserved": gig.reserved,
        "filled": gig.filled,
        "vacated": gig.vacated,
    }


def _gig(row: RowMapping) -> Gig:
    draft = Draft(
        title=row["title"],
        trade=row["trade"],
        headcount=row["headcount"],
        site=Site(Position(row["lat"], row["lng"]), row["address"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        wage=Wage(row["wage_fen"], WageUnit(row["wage_per"])),
        settlement=Settlement(row["settlement"]),
        settle_on=row["settle_on"],
        meals=row["meals"],
        transport=row["transport"],
        note=row["note"],
        min_crew=row["min_crew"],
    )
    return Gig(
        id=GigId(row["id"]),
        employer=EmployerId(row["employer_id"]),
        draft=draft,
        posted_at=row["posted_at"],
        site_code=row["site_code"],
        recruit_until=row["recruit_until"],
        status=GigStatus(row["status"]),
        reserved=row["reserved"],
        filled=row["filled"],
        vacated=row["vacated"],
    )
