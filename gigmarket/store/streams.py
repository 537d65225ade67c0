"""Every principal's stream in SQL: heads, events, and the outbox that they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from gigmarket.store.columns import among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_STREAM = TABLES["stream"]
_EVENT = TABLES["event"]
_META = TABLES["meta"]
_ADD = Prepared(insert(_EVENT))
_HEAD = Prepared(select(_STREAM.c.head).where(_STREAM.c.principal == bindparam("principal")))
_BEGIN = Prepared(
    text("INSERT INTO stream (principal, head) VALUES (:principal, 0) ON CONFLICT (principal) DO NOTHING")
)
_HEADS = Prepared(select(_STREAM).where(among(_STREAM.c.principal, "principals")))
_OF_KIND = Prepared(
    select(_EVENT.c.principal, _EVENT.c.seq, _EVENT.c.data).where(
        among(_EVENT.c.principal, "principals"),
        _EVENT.c.kind == bindparam("kind"),
        _EVENT.c.at > bindparam("since"),
    )
)
_AFTER = Prepared(
    select(_EVENT)
    .where(_EVENT.c.principal == bindparam("principal"), _EVENT.c.seq > bindparam("seq"))
    .order_by(_EVENT.c.seq)
    .limit(bindparam("most"))
)
_SINCE = Prepared(
    select(_EVENT).where(_EVENT.c.id > bindparam("floor")).order_by(_EVENT.c.id).limit(bindparam("most"))
)


_MANY = (64, 32, 16, 8)
"""Principals whose heads are counted up at once, where there are as many."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One stored event: `seq` counts by one per principal, `data` is JSON."""

    principal: str
    seq: int
    kind: str
    data: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no seq yet."""

    principal: str
    kind: str
    data: bytes


class Streams:
    """Queries about streams inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, drafts: Sequence[Draft], now: datetime) -> list[StreamEvent]:
        """Give each event the next seq of its principal and store it.

        The heads are counted up over sorted principals, so that two transactions never wait for each other in a
        circle, and last in the transaction, so that the rows are held briefly.
        """
        if not drafts:
            return []
        counts = Counter(draft.principal for draft in drafts)
        following = {name: head - counts[name] + 1 for name, head in self._counted_up(counts).items()}
        events = []
        for draft in drafts:
            seq = following[draft.principal]
            following[draft.principal] = seq + 1
            events.append(StreamEvent(draft.principal, seq, draft.kind, draft.data, now))
        _ADD.write(
            self._connection,
            [
                {
                    "principal": event.principal,
                    "seq": event.seq,
                    "kind": event.kind,
                    "data": event.data.decode(),
                    "at": event.at,
                }
                for event in events
            ],
        )
        return events

    def _counted_up(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The heads of these principals after so many events more. In one statement for a few; for many in
        some, of lengths that come again: a statement of each length is kept.
        """
        names, heads = sorted(counts), dict[str, int]()
        while names:
            length = next((many for many in _MANY if many <= len(names)), len(names))
            some, names = names[:length], names[length:]
            values: dict[str, str | int] = {}
            for number, name in enumerate(some):
                values[f"p{number}"], values[f"n{number}"] = name, counts[name]
            heads.update((row.principal, row.head) for row in _count_up(length).rows(self._connection, values))
        return heads

    def begin(self, principal: str) -> None:
        """Somebody is going to follow this stream; one that has begun stays as it is."""
        _BEGIN.write(self._connection, {"principal": principal})

    def begun(self, principal: str) -> bool:
        """Whether anybody ever followed this stream or was told anything on it."""
        return _HEAD.rows(self._connection, {"principal": principal}).first() is not None

    def head(self, principal: str) -> int:
        """The last seq given out; 0 for a stream that has no event yet."""
        return _HEAD.rows(self._connection, {"principal": principal}).scalar_one_or_none() or 0

    def heads(self, principals: Sequence[str]) -> dict[str, int]:
        """The heads of those principals that have any event."""
        if not principals:
            return {}
        rows = _HEADS.rows(self._connection, {"principals": principals})
        return {row.principal: row.head for row in rows}

    def after(self, principal: str, seq: int, most: int) -> list[StreamEvent]:
        """Up to `most` events after `seq`, in order."""
        rows = _AFTER.rows(self._connection, {"principal": principal, "seq": seq, "most": most})
        return [StreamEvent(row.principal, row.seq, row.kind, row.data.encode(), row.at) for row in rows]

    def held(self, kind: str, acked: Mapping[str, int], since: datetime) -> list[bytes]:
        """What of one kind was told since then to principals that hold their stream up to an acked seq."""
        if not acked:
            return []
        asked = {"principals": sorted(acked), "kind": kind, "since": since}
        rows = _OF_KIND.rows(self._connection, asked)
        return [row.data.encode() for row in rows if row.seq <= acked[row.principal]]

    def since(self, floor: int, most: int) -> list[tuple[int, StreamEvent]]:
        """Events of all principals by row id above `floor`: what the relay compares with what it heard."""
        rows = _SINCE.rows(self._connection, {"floor": floor, "most": most})
        return [
            (row.id, StreamEvent(row.principal, row.seq, row.kind, row.data.encode(), row.at)) for row in rows
        ]

    def newest_id(self) -> int:
        """The highest row id of any event."""
        return self._connection.execute(select(func.max(_EVENT.c.id))).scalar_one() or 0

    def forget(self, before: datetime, limit: int) -> int:
        """Delete what is old of the first `limit` events; a client that needs them gets a snapshot. Returns how
        many.
        """
        # Row ids follow time: no event behind these is read to find out that it is young.
        end = select(func.min(_EVENT.c.id) + limit).scalar_subquery()
        return self._connection.execute(delete(_EVENT).where(_EVENT.c.id < end, _EVENT.c.at < before)).rowcount

    def write_epoch_again(self) -> None:
        """The same as it is: to find out whether anything can be written."""
        same = update(_META).where(_META.c.key == "stream_epoch").values(value=_META.c.value)
        self._connection.execute(same)

    def epoch(self) -> str:
        """The epoch of this database's streams: it changes only when history is lost."""
        statement = select(_META.c.value).where(_META.c.key == "stream_epoch")
        return str(self._connection.execute(statement).scalar_one())


@cache
def _count_up(principals: int) -> Prepared:
    """The statement for so many principals, as text: SQLAlchemy compiles an insert of many rows anew each time,
    which took a third of an accept.
    """
    rows = ", ".join(f"(:p{number}, :n{number})" for number in range(principals))
    # Numbers of parameters, never input.
    return Prepared(
        text(
            f"INSERT INTO stream (principal, head) VALUES {rows} ON CONFLICT (principal) "  # noqa: S608
            "DO UPDATE SET head = stream.head + excluded.head RETURNING principal, head"
        )
    )
