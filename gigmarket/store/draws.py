"""The anchors of draws in SQL: published before the first round of a dispatcher's term."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, delete, exists, insert, select

from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import GigId
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW = TABLES["draw_chain"]
_ADD = Prepared(insert(_ROW).returning(_ROW.c.id))
_BY_ID = Prepared(select(_ROW).where(_ROW.c.id == bindparam("id")))
_RECENT = Prepared(
    select(_ROW).where(_ROW.c.city == bindparam("city")).order_by(_ROW.c.id.desc()).limit(bindparam("most"))
)
_NEWER = _ROW.alias("newer")
_REASONS = TABLES["explanation"]
_OF_ROUND = Prepared(
    select(_REASONS.c.gig_id).where(_REASONS.c.round == bindparam("round")).distinct().limit(bindparam("most"))
)
_FORGET = Prepared(
    delete(_ROW).where(
        exists().where(
            _NEWER.c.city == _ROW.c.city, _NEWER.c.id > _ROW.c.id, _NEWER.c.opened_at < bindparam("before")
        )
    )
)


@dataclass(frozen=True, slots=True)
class DrawChain:
    """A published anchor: the last of `length` hashes, in hex."""

    id: int
    city: str
    anchor: str
    length: int
    opened_at: datetime


class Draws:
    """Queries about draws inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, city: str, anchor_hex: str, length: int, now: datetime) -> int:
        """Publish an anchor that is good for `length` rounds; returns the chain's id."""
        row = {"city": city, "anchor": anchor_hex, "length": length, "opened_at": now}
        return int(_ADD.rows(self._connection, row).scalar_one())

    def get(self, chain: int) -> DrawChain:
        """One chain. Raises NotFound."""
        row = _BY_ID.rows(self._connection, {"id": chain}).mappings().first()
        if row is None:
            raise NotFound("no such draw")
        return _chain(row)

    def gigs_of(self, round_name: str, limit: int = 500) -> list[GigId]:
        """The gigs about which this round left an explanation, in order."""
        rows = _OF_ROUND.rows(self._connection, {"round": round_name, "most": limit})
        return sorted(GigId(row.gig_id) for row in rows)

    def forget(self, before: datetime) -> int:
        """Delete chains that another one of their city followed before this time; returns how many."""
        return _FORGET.write(self._connection, {"before": before})

    def recent(self, city: str, limit: int) -> list[DrawChain]:
        """A city's chains, newest first."""
        rows = _RECENT.rows(self._connection, {"city": city, "most": limit})
        return [_chain(row) for row in rows.mappings()]


def _chain(row: RowMapping) -> DrawChain:
    return DrawChain(row["id"], row["city"], row["anchor"], row["length"], row["opened_at"])
