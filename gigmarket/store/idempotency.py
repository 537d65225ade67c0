"""First answers by idempotency key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from gigmarket.domain.errors import IdempotencyMismatch
from gigmarket.domain.ids import AccountId
from gigmarket.store.tables import TABLES

_ROW = TABLES["idempotency"]
_FIND = select(_ROW).where(_ROW.c.account_id == bindparam("account"), _ROW.c.key == bindparam("key"))
_ADD = insert(_ROW)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a JSON body: what a request was answered with."""

    status: int
    body: bytes


class Idempotency:
    """Queries about answered keys inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, account: AccountId, key: str, fingerprint: str) -> Answer | None:
        """The first answer to this key. Raises IdempotencyMismatch when it was another request."""
        row = self._connection.execute(_FIND, {"account": account, "key": key}).first()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise IdempotencyMismatch("this idempotency key was used with another request")
        return Answer(row.status, row.body.encode())

    def add(self, account: AccountId, key: str, fingerprint: str, answer: Answer, now: datetime) -> None:
        """Remember the first answer. The primary key stops a second one."""
        self._connection.execute(
            _ADD,
            {
                "account_id": account,
                "key": key,
                "fingerprint": fingerprint,
                "status": answer.status,
                "body": answer.body.decode(),
                "at": now,
            },
        )

    def forget(self, before: datetime) -> int:
        """Delete answers older than `before`; returns how many."""
        return self._connection.execute(delete(_ROW).where(_ROW.c.at < before)).rowcount
