"""First answers by idempotency key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_

from gigmarket.domain.errors import IdempotencyMismatch
from gigmarket.domain.ids import AccountId
from gigmarket.store.columns import among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW = TABLES["idempotency"]
_FIND = Prepared(select(_ROW).where(_ROW.c.account_id == bindparam("account"), _ROW.c.key == bindparam("key")))
_KNOWN = Prepared(
    select(_ROW.c.account_id, _ROW.c.key).where(
        among(_ROW.c.account_id, "accounts"),
        among(_ROW.c.key, "keys"),
    )
)
_ADD = Prepared(insert(_ROW))
_OLD = (
    select(_ROW.c.account_id, _ROW.c.key)
    .where(_ROW.c.at < bindparam("before"))
    .order_by(_ROW.c.at)
    .limit(bindparam("most"))
)
_FORGET = Prepared(delete(_ROW).where(tuple_(_ROW.c.account_id, _ROW.c.key).in_(_OLD)))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a JSON body: what a request was answered with."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """A request's first answer: whose request it was, under which key, and what tells it from another."""

    account: AccountId
    key: str
    fingerprint: str
    answer: Answer


class Idempotency:
    """Queries about answered keys inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, account: AccountId, key: str, fingerprint: str) -> Answer | None:
        """The first answer to this key. Raises IdempotencyMismatch when it was another request."""
        row = _FIND.rows(self._connection, {"account": account, "key": key}).first()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise IdempotencyMismatch("this idempotency key was used with another request")
        return Answer(row.status, row.body.encode())

    def known(self, asked: Mapping[AccountId, str]) -> set[AccountId]:
        """Those of these accounts whose key, one of each, was answered already."""
        if not asked:
            return set()
        names = {"accounts": list(asked.keys()), "keys": list(asked.values())}
        rows = _KNOWN.rows(self._connection, names)
        return {AccountId(row.account_id) for row in rows if asked[row.account_id] == row.key}

    def add(self, account: AccountId, key: str, fingerprint: str, answer: Answer, now: datetime) -> None:
        """Remember the first answer. The primary key stops a second one."""
        self.add_many([Answered(account, key, fingerprint, answer)], now)

    def add_many(self, answered: Sequence[Answered], now: datetime) -> None:
        """Remember several first answers."""
        rows = [
            {
                "account_id": one.account,
                "key": one.key,
                "fingerprint": one.fingerprint,
                "status": one.answer.status,
                "body": one.answer.body.decode(),
                "at": now,
            }
            for one in sorted(answered, key=lambda one: one.account)
        ]
        if rows:
            _ADD.write(self._connection, rows)

    def forget(self, before: datetime, limit: int = 1000) -> int:
        """Delete answers older than `before`, the oldest first, at most `limit`; returns how many."""
        return _FORGET.write(self._connection, {"before": before, "most": limit})
