"""Tickets and wallet cards in SQL, and the key that signs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from gigmarket.domain.grant import PassKind
from gigmarket.domain.ids import AccountId, AssignmentId, WorkerId
from gigmarket.store.tables import TABLES

_PASS = TABLES["pass"]
_META = TABLES["meta"]


@dataclass(frozen=True, slots=True)
class Pass:
    """A paper that was printed: whose it is, for which assignment, until when (None: until revoked)."""

    id: str
    worker: WorkerId
    kind: PassKind
    assignment: AssignmentId | None
    issued_by: AccountId
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None


class Passes:
    """Queries about passes inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def key(self) -> str:
        """The key of all signatures, 32 bytes in hex; made with the database."""
        return str(
            self._connection.execute(select(_META.c.value).where(_META.c.key == "pass_key")).scalar_one()
        )

    def add(self, made: Pass) -> None:
        """Insert a pass."""
        self._connection.execute(
            insert(_PASS),
            {
                "id": made.id,
                "worker_id": made.worker,
                "kind": made.kind.value,
                "assignment_id": made.assignment,
                "issued_by": made.issued_by,
                "created_at": made.created_at,
                "expires_at": made.expires_at,
                "revoked_at": made.revoked_at,
            },
        )

    def get(self, pass_id: str) -> Pass | None:
        """One pass, or None."""
        row = self._connection.execute(select(_PASS).where(_PASS.c.id == pass_id)).mappings().first()
        return _pass(row) if row is not None else None

    def valid_of(self, worker: WorkerId, kind: PassKind) -> Sequence[Pass]:
        """A worker's passes of a kind that were not revoked, newest first."""
        mine = (_PASS.c.worker_id == worker) & (_PASS.c.kind == kind.value) & _PASS.c.revoked_at.is_(None)
        rows = self._connection.execute(select(_PASS).where(mine).order_by(_PASS.c.id.desc()))
        return [_pass(row) for row in rows.mappings()]

    def revoke(self, ids: Sequence[str], now: datetime) -> None:
        """End these passes, and with them every session that they opened."""
        self._connection.execute(update(_PASS).where(_PASS.c.id.in_(sorted(ids))).values(revoked_at=now))

    def forget(self, before: datetime) -> int:
        """Delete passes that ran out before; returns how many."""
        return self._connection.execute(delete(_PASS).where(_PASS.c.expires_at < before)).rowcount


def _pass(row: RowMapping) -> Pass:
    return Pass(
        id=row["id"],
        worker=WorkerId(row["worker_id"]),
        kind=PassKind(row["kind"]),
        assignment=AssignmentId(row["assignment_id"]) if row["assignment_id"] else None,
        issued_by=AccountId(row["issued_by"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
