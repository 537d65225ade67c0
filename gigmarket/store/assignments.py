"""Assignments in SQL."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from gigmarket.domain.assignment import VACANT, WORKING, Assignment, AssignmentStatus
from gigmarket.domain.earnings import Wage
from gigmarket.domain.errors import NotFound, Overlap
from gigmarket.domain.ids import AssignmentId, EmployerId, GigId, OfferId, WorkerId
from gigmarket.store.columns import among, one_of
from gigmarket.store.crews import together_of, together_row
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW, _GIG = TABLES["assignment"], TABLES["gig"]
WORKS = one_of(_ROW.c.status, WORKING)
_BY_ID = Prepared(select(_ROW).where(_ROW.c.id == bindparam("id")))
_BY_OFFER = Prepared(select(_ROW).where(_ROW.c.offer_id == bindparam("offer")))
_OF_GIG = Prepared(select(_ROW).where(_ROW.c.gig_id == bindparam("gig")).order_by(_ROW.c.id))
_OWED = or_(
    one_of(_ROW.c.status, [AssignmentStatus.DISPUTED]),
    and_(one_of(_ROW.c.status, [AssignmentStatus.COMPLETED]), _ROW.c.paid_fen.is_(None)),
)
_OPEN_OF = Prepared(select(_ROW).where(or_(WORKS, _OWED), among(_ROW.c.worker_id, "ids")))
_WORKING_OF = Prepared(select(_ROW).where(WORKS, among(_ROW.c.worker_id, "ids")))
_RANKED = (
    select(_ROW, func.row_number().over(partition_by=_ROW.c.worker_id, order_by=_ROW.c.id.desc()).label("rank"))
    .where(among(_ROW.c.worker_id, "ids"))
    .subquery()
)
_NEWEST_OF = Prepared(select(_RANKED).where(_RANKED.c.rank <= bindparam("most")).order_by(_RANKED.c.id.desc()))
_CLASH = Prepared(
    select(_ROW.c.id)
    .where(
        WORKS,
        _ROW.c.worker_id == bindparam("worker"),
        _ROW.c.busy_from < bindparam("until"),
        _ROW.c.busy_until > bindparam("from_"),
    )
    .limit(1)
)
_HOURS_OF = Prepared(
    select(_ROW).where(
        among(_ROW.c.worker_id, "ids"),
        _ROW.c.busy_until > bindparam("since"),
        ~one_of(_ROW.c.status, VACANT),
    )
)
_COUNT_WORKING = Prepared(
    select(func.count()).select_from(_ROW).where(WORKS, _ROW.c.gig_id == bindparam("gig"))
)
_ADD = Prepared(insert(_ROW))
_SAVE = Prepared(
    update(_ROW)
    .where(_ROW.c.id == bindparam("assignment_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "status",
                "checked_in_at",
                "checked_out_at",
                "paid_fen",
                "paid_at",
                "paid_reason",
                "settled_at",
                "closed_reason",
                "late_s",
                "vouched",
                "handed_in_at",
            )
        }
    )
)


class Assignments:
    """Queries about assignments inside one transaction. Hold the gig's row before changing its seats."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, assignment: Assignment) -> None:
        """Insert a new assignment. Raises Overlap when the worker's hours are taken: asked first for a clear
        answer, and held by the schema against anyone who does not ask.
        """
        hours = {
            "worker": assignment.worker,
            "from_": assignment.busy_from,
            "until": assignment.busy_until,
        }
        if _CLASH.rows(self._connection, hours).first() is not None:
            raise Overlap("another assignment takes some of these hours")
        with _told_as_overlap():
            _ADD.write(self._connection, _row(assignment))

    def add_many(self, assignments: Sequence[Assignment]) -> None:
        """Insert new assignments of workers whose hours the caller has asked for. Should somebody have taken
        one's meanwhile, the schema refuses all (IntegrityError).
        """
        if assignments:
            # In the workers' order, so that two transactions never wait for each other in a circle.
            rows = map(_row, sorted(assignments, key=lambda assignment: assignment.worker))
            _ADD.write(self._connection, list(rows))

    def get(self, assignment_id: AssignmentId) -> Assignment:
        """One assignment. Raises NotFound."""
        row = _BY_ID.rows(self._connection, {"id": assignment_id}).mappings().first()
        if row is None:
            raise NotFound("no such assignment")
        return _assignment(row)

    def of_offer(self, offer: OfferId) -> Assignment | None:
        """The assignment an offer led to."""
        row = _BY_OFFER.rows(self._connection, {"offer": offer}).mappings().first()
        return _assignment(row) if row is not None else None

    def save(self, assignment: Assignment) -> None:
        """Write the parts of an assignment that change. Raises Overlap when its hours are taken by now."""
        self.save_many([assignment])

    def save_many(self, assignments: Iterable[Assignment]) -> None:
        """Write the parts that change, of many assignments at once."""
        rows = [{**_changes(assignment), "assignment_id": assignment.id} for assignment in assignments]
        if rows:
            with _told_as_overlap():
                _SAVE.write(self._connection, rows)

    def of_gig(self, gig: GigId) -> list[Assignment]:
        """All assignments of a gig, vacated seats included."""
        return [_assignment(row) for row in _OF_GIG.rows(self._connection, {"gig": gig}).mappings()]

    def working_on(self, gig: GigId) -> int:
        """How many of a gig's assignments are confirmed or checked in."""
        return int(_COUNT_WORKING.rows(self._connection, {"gig": gig}).scalar_one())

    def working_of(self, workers: Sequence[WorkerId]) -> dict[WorkerId, list[Assignment]]:
        """The confirmed and checked-in assignments of these workers."""
        return self._by_worker(_WORKING_OF, workers)

    def open_of(self, workers: Sequence[WorkerId]) -> dict[WorkerId, list[Assignment]]:
        """What these workers promised, do, or did and have no pay for yet, however old."""
        return self._by_worker(_OPEN_OF, workers)

    def _by_worker(self, statement: Prepared, workers: Sequence[WorkerId]) -> dict[WorkerId, list[Assignment]]:
        found: dict[WorkerId, list[Assignment]] = {}
        if workers:
            for row in statement.rows(self._connection, {"ids": workers}).mappings():
                found.setdefault(WorkerId(row["worker_id"]), []).append(_assignment(row))
        return found

    def hours_of(self, workers: Sequence[WorkerId], since: datetime) -> dict[WorkerId, list[Assignment]]:
        """What these workers promised or worked, as far as it ends after `since`; vacated seats left out."""
        hours: dict[WorkerId, list[Assignment]] = {}
        if workers:
            rows = _HOURS_OF.rows(self._connection, {"ids": workers, "since": since})
            for row in rows.mappings():
                hours.setdefault(WorkerId(row["worker_id"]), []).append(_assignment(row))
        return hours

    def checked_in_workers(self) -> frozenset[WorkerId]:
        """Everyone on site now."""
        statement = select(_ROW.c.worker_id).where(one_of(_ROW.c.status, [AssignmentStatus.CHECKED_IN]))
        return frozenset(WorkerId(row.worker_id) for row in self._connection.execute(statement))

    def of_worker(self, worker: WorkerId, before: str | None, limit: int) -> list[Assignment]:
        """A worker's assignments, newest first, older than the cursor `before`."""
        return self._page(_ROW.c.worker_id == worker, before, limit)

    def newest_of(self, workers: Sequence[WorkerId], most: int) -> dict[WorkerId, list[Assignment]]:
        """Each worker's newest assignments, at most so many, newest first."""
        newest: dict[WorkerId, list[Assignment]] = {}
        if workers:
            rows = _NEWEST_OF.rows(self._connection, {"ids": workers, "most": most})
            for row in rows.mappings():
                newest.setdefault(WorkerId(row["worker_id"]), []).append(_assignment(row))
        return newest

    def of_employer(self, employer: EmployerId, before: str | None, limit: int) -> list[Assignment]:
        """An employer's assignments, newest first, older than the cursor `before`."""
        return self._page(_ROW.c.employer_id == employer, before, limit)

    def under_way(self, employer: EmployerId, before: str) -> list[Assignment]:
        """An employer's assignments that are promised, worked or not paid yet, older than the cursor `before`,
        however many.
        """
        statement = select(_ROW).where(or_(WORKS, _OWED), _ROW.c.employer_id == employer, _ROW.c.id < before)
        return [_assignment(row) for row in self._connection.execute(statement).mappings()]

    def wages_of(self, worker: WorkerId, since: datetime, until: datetime) -> list[Wage]:
        """The money of a worker's gigs that begin in [since, until)."""
        statement = (
            select(_GIG.c.starts_at, _ROW.c.status, _ROW.c.due_fen, _ROW.c.paid_fen)
            .join_from(_ROW, _GIG, _GIG.c.id == _ROW.c.gig_id)
            .where(_ROW.c.worker_id == worker, _GIG.c.starts_at >= since, _GIG.c.starts_at < until)
        )
        return [
            Wage(row.starts_at, AssignmentStatus(row.status), row.due_fen, row.paid_fen)
            for row in self._connection.execute(statement)
        ]

    def with_employers(self, worker: WorkerId) -> dict[EmployerId, list[AssignmentId]]:
        """All a worker's assignments by employer, by id."""
        statement = select(_ROW.c.employer_id, _ROW.c.id).where(_ROW.c.worker_id == worker)
        found: dict[EmployerId, list[AssignmentId]] = {}
        for row in self._connection.execute(statement.order_by(_ROW.c.id)):
            found.setdefault(EmployerId(row.employer_id), []).append(AssignmentId(row.id))
        return found

    def gigs_of_workers(self, employer: EmployerId) -> dict[WorkerId, set[GigId]]:
        """Who ever had a seat with this employer, and on which gigs."""
        statement = select(_ROW.c.worker_id, _ROW.c.gig_id).where(_ROW.c.employer_id == employer)
        found: dict[WorkerId, set[GigId]] = {}
        for row in self._connection.execute(statement):
            found.setdefault(WorkerId(row.worker_id), set()).add(GigId(row.gig_id))
        return found

    def due(self, now: datetime, limit: int = 500, patience_s: int = 0) -> list[Assignment]:
        """Confirmed assignments whose hours are over, and checked-in ones `patience_s` seconds later, or after
        their coming was handed in: those the clock can't move yet would fill the batch and keep others waiting.
        """
        over = (_ROW.c.status == AssignmentStatus.CONFIRMED.value) & (_ROW.c.busy_until <= now)
        long_ago = now - timedelta(seconds=patience_s)
        told = _ROW.c.handed_in_at.is_(None) | (_ROW.c.handed_in_at <= long_ago)
        forgotten = (_ROW.c.busy_until <= long_ago) & told
        statement = select(_ROW).where(WORKS, over | forgotten).limit(limit)
        return [_assignment(row) for row in self._connection.execute(statement).mappings()]

    def _page(self, whose: Any, before: str | None, limit: int) -> list[Assignment]:
        statement = select(_ROW).where(whose)
        if before is not None:
            statement = statement.where(_ROW.c.id < before)
        rows = self._connection.execute(statement.order_by(_ROW.c.id.desc()).limit(limit))
        return [_assignment(row) for row in rows.mappings()]


@contextmanager
def _told_as_overlap() -> Iterator[None]:
    """What the schema says to hours that are taken, as Overlap."""
    try:
        yield
    except DBAPIError as error:
        if "assignment_no_overlap" in str(error.orig):
            raise Overlap("another assignment takes some of these hours") from error
        raise


def _changes(assignment: Assignment) -> dict[str, Any]:
    return {
        "status": assignment.status.value,
        "checked_in_at": assignment.checked_in_at,
        "checked_out_at": assignment.checked_out_at,
        "paid_fen": assignment.paid_fen,
        "paid_at": assignment.paid_at,
        "paid_reason": assignment.paid_reason,
        "settled_at": assignment.settled_at,
        "closed_reason": assignment.closed_reason,
        "late_s": assignment.late_s,
        "vouched": assignment.vouched,
        "handed_in_at": assignment.handed_in_at,
    }


def _row(assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment.id,
        "gig_id": assignment.gig,
        "offer_id": assignment.offer,
        "worker_id": assignment.worker,
        "employer_id": assignment.employer,
        "created_at": assignment.created_at,
        "busy_from": assignment.busy_from,
        "busy_until": assignment.busy_until,
        "travel_s": assignment.travel_s,
        "due_fen": assignment.due_fen,
        **_changes(assignment),
        **together_row(assignment.together),
    }


def _assignment(row: RowMapping) -> Assignment:
    return Assignment(
        id=AssignmentId(row["id"]),
        gig=GigId(row["gig_id"]),
        offer=OfferId(row["offer_id"]),
        worker=WorkerId(row["worker_id"]),
        employer=EmployerId(row["employer_id"]),
        created_at=row["created_at"],
        busy_from=row["busy_from"],
        busy_until=row["busy_until"],
        travel_s=row["travel_s"],
        due_fen=row["due_fen"],
        status=AssignmentStatus(row["status"]),
        checked_in_at=row["checked_in_at"],
        checked_out_at=row["checked_out_at"],
        paid_fen=row["paid_fen"],
        paid_at=row["paid_at"],
        paid_reason=row["paid_reason"],
        settled_at=row["settled_at"],
        closed_reason=row["closed_reason"],
        late_s=row["late_s"],
        vouched=bool(row["vouched"]),
        handed_in_at=row["handed_in_at"],
        together=together_of(row),
    )
