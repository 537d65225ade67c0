"""Appeals in SQL."""

from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from gigmarket.domain.appeal import Appeal, AppealId
from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import AccountId, GigId, OfferId, WorkerId
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW = TABLES["appeal"]
_OPEN = _ROW.c.answered_at.is_(None)
_ADD = Prepared(insert(_ROW))
_LOCK = Prepared(select(_ROW).where(_ROW.c.id == bindparam("id")).with_for_update())
_OPEN_OF = Prepared(select(func.count()).where(_ROW.c.worker_id == bindparam("worker"), _OPEN))


class Appeals:
    """Queries about appeals inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, appeal: Appeal) -> None:
        """Insert a new appeal."""
        _ADD.write(
            self._connection,
            {
                "id": appeal.id,
                "worker_id": appeal.worker,
                "gig_id": appeal.gig,
                "offer_id": appeal.offer,
                "words": appeal.words,
                "reason": appeal.reason,
                "created_at": appeal.created_at,
                **_answer(appeal),
            },
        )

    def lock(self, appeal_id: AppealId) -> Appeal:
        """One appeal, held until the transaction ends. Raises NotFound."""
        row = _LOCK.rows(self._connection, {"id": appeal_id}).mappings().first()
        if row is None:
            raise NotFound("no such appeal")
        return _appeal(row)

    def save(self, appeal: Appeal) -> None:
        """Write the answer."""
        self._connection.execute(update(_ROW).where(_ROW.c.id == appeal.id).values(_answer(appeal)))

    def open_of(self, worker: WorkerId) -> int:
        """How many appeals of this worker wait for an answer."""
        count: int = _OPEN_OF.rows(self._connection, {"worker": worker}).scalar_one()
        return count

    def of_worker(self, worker: WorkerId, before: str | None, limit: int) -> list[Appeal]:
        """A worker's appeals, newest first, older than the cursor `before`."""
        statement = select(_ROW).where(_ROW.c.worker_id == worker)
        if before is not None:
            statement = statement.where(_ROW.c.id < before)
        return self._all(statement.order_by(_ROW.c.id.desc()).limit(limit))

    def waiting(self, after: str | None, limit: int) -> list[Appeal]:
        """Open appeals, the longest waiting first, later than the cursor `after`."""
        statement = select(_ROW).where(_OPEN)
        if after is not None:
            statement = statement.where(_ROW.c.id > after)
        return self._all(statement.order_by(_ROW.c.id).limit(limit))

    def answered(self, before: str | None, limit: int) -> list[Appeal]:
        """Answered appeals, newest first, older than the cursor `before`."""
        statement = select(_ROW).where(~_OPEN)
        if before is not None:
            statement = statement.where(_ROW.c.id < before)
        return self._all(statement.order_by(_ROW.c.id.desc()).limit(limit))

    def _all(self, statement: Any) -> list[Appeal]:
        return [_appeal(row) for row in self._connection.execute(statement).mappings()]


def _answer(appeal: Appeal) -> dict[str, Any]:
    return {
        "answer": appeal.answer,
        "answered_by": appeal.answered_by,
        "answered_at": appeal.answered_at,
    }


def _appeal(row: RowMapping) -> Appeal:
    return Appeal(
        id=AppealId(row["id"]),
        worker=WorkerId(row["worker_id"]),
        gig=GigId(row["gig_id"]),
        offer=OfferId(row["offer_id"]) if row["offer_id"] else None,
        words=row["words"],
        reason=row["reason"],
        created_at=row["created_at"],
        answer=row["answer"],
        answered_by=AccountId(row["answered_by"]) if row["answered_by"] else None,
        answered_at=row["answered_at"],
    )
