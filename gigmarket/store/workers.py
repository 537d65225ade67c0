"""Workers' profiles and presence in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from gigmarket.domain.errors import NotFound
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import CrewId, StationId, WorkerId
from gigmarket.domain.worker import Presence, Worker
from gigmarket.store.columns import Instant, among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_WORKER = TABLES["worker"]
_ACCOUNT = TABLES["account"]
WANTED: ColumnElement[bool] = literal_column("worker.wanted")
"""As the index of those who want work has it: SQLite does not find it by `wanted = 1`, as the column would be
written."""
_JOINED: Select[Any] = select(_WORKER, _ACCOUNT.c.name).join(_ACCOUNT, _ACCOUNT.c.id == _WORKER.c.account_id)
_ONE = _JOINED.where(_WORKER.c.account_id == bindparam("id"))
_BY_ID, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update(of=_WORKER))
_MANY = _JOINED.where(among(_WORKER.c.account_id, "ids"))
_BY_IDS = Prepared(_MANY)
# KEY SHARE is what rows that refer to a worker take: they are in nobody's way.
_HOLD_MANY = Prepared(_MANY.with_for_update(of=_WORKER, key_share=True, skip_locked=True))
_WITH_PIN = Prepared(
    select(_WORKER.c.account_id).where(among(_WORKER.c.account_id, "ids"), _WORKER.c.pin_hash.is_not(None))
)
_ADD = Prepared(insert(_WORKER))
_SAVE = Prepared(
    update(_WORKER)
    .where(_WORKER.c.account_id == bindparam("worker_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "trades",
                "mode",
                "floor_wage_fen",
                "wanted",
                "since",
                "until",
                "lat",
                "lng",
                "station_id",
                "seen_at",
                "reach_s",
                "groups",
            )
        }
    )
)
_SEEN = Prepared(
    update(_WORKER)
    .where(_WORKER.c.account_id == bindparam("worker_id"), WANTED)
    .values(
        seen_at=bindparam("seen"),
        lat=func.coalesce(bindparam("new_lat"), _WORKER.c.lat),
        lng=func.coalesce(bindparam("new_lng"), _WORKER.c.lng),
    )
)
# Whoever has SQLite's write lock gives the interpreter away at each statement, and a busy loop gives it back
# after its switch interval: beside a busy thread fifty statements took 330 ms, this one 15.
_SEEN_AT_ONCE = Prepared(
    text(
        """UPDATE worker SET seen_at = :seen,
                      lat = coalesce(place.lat, worker.lat), lng = coalesce(place.lng, worker.lng)
    FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS lat,
                 json_extract(value, '$[2]') AS lng FROM json_each(:places)) AS place
    WHERE worker.account_id = place.id AND worker.wanted"""
    ).bindparams(bindparam("seen", type_=Instant()))
)


class Workers:
    """Queries about workers inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, worker: Worker) -> None:
        """Insert a new worker's profile; the account is there already."""
        _ADD.write(self._connection, {**_values(worker), "account_id": worker.id})

    def get(self, worker_id: WorkerId) -> Worker:
        """One worker. Raises NotFound."""
        return self._one(_BY_ID, worker_id)

    def lock(self, worker_id: WorkerId) -> Worker:
        """One worker, held until the transaction ends. Raises NotFound."""
        return self._one(_LOCK, worker_id)

    def get_many(self, ids: Sequence[WorkerId]) -> dict[WorkerId, Worker]:
        """The workers among these ids that exist."""
        if not ids:
            return {}
        rows = _BY_IDS.rows(self._connection, {"ids": ids})
        return {WorkerId(row["account_id"]): _worker(row) for row in rows.mappings()}

    def hold_many(self, ids: Sequence[WorkerId]) -> dict[WorkerId, Worker]:
        """The workers among these ids whom nobody else is changing at this moment, held until the transaction
        ends. Never waits.
        """
        if not ids:
            return {}
        rows = _HOLD_MANY.rows(self._connection, {"ids": ids})
        return {WorkerId(row["account_id"]): _worker(row) for row in rows.mappings()}

    def save(self, worker: Worker) -> None:
        """Write a worker's profile and presence."""
        _SAVE.write(self._connection, {**_values(worker), "worker_id": worker.id})

    def seen_many(self, seen: Sequence[tuple[WorkerId, Position | None]], now: datetime) -> None:
        """The coarse sign of life, for workers who still want work; None keeps the last position."""
        rows = [(worker, place.lat, place.lng) if place else (worker, None, None) for worker, place in seen]
        if not rows:
            return
        if self._connection.dialect.name == "sqlite":
            _SEEN_AT_ONCE.write(self._connection, {"seen": now, "places": orjson.dumps(rows).decode()})
            return
        # In the order in which everybody locks workers.
        names = ("worker_id", "new_lat", "new_lng")
        _SEEN.write(self._connection, [{**dict(zip(names, row, strict=True)), "seen": now} for row in rows])

    def wanted(self, seen_after: datetime) -> list[Worker]:
        """Everyone who wants work and was heard of after the given time: what the index is rebuilt from."""
        rows = self._connection.execute(_JOINED.where(WANTED, _WORKER.c.seen_at > seen_after))
        return [_worker(row) for row in rows.mappings()]

    def forgotten(
        self, seen_before: datetime, now: datetime, limit: int = 500, hall_seen_before: datetime | None = None
    ) -> list[WorkerId]:
        """Workers who still want work but were not heard of for long (in a hall: for longer, if that is given),
        or whose named hours are over.
        """
        at_hall = _WORKER.c.station_id.is_not(None)
        silent = (at_hall & (_WORKER.c.seen_at < (hall_seen_before or seen_before))) | (
            ~at_hall & (_WORKER.c.seen_at < seen_before)
        )
        statement = select(_WORKER.c.account_id).where(WANTED, silent | (_WORKER.c.until <= now)).limit(limit)
        return [WorkerId(row.account_id) for row in self._connection.execute(statement)]

    def in_hall(self, station: StationId) -> list[Worker]:
        """Who waits in a station's hall, longest first."""
        statement = _JOINED.where(WANTED, _WORKER.c.station_id == station).order_by(_WORKER.c.since)
        return [_worker(row) for row in self._connection.execute(statement).mappings()]

    def pin_hash(self, worker_id: WorkerId) -> str | None:
        """The stored PIN hash, if the worker set a PIN."""
        statement = select(_WORKER.c.pin_hash).where(_WORKER.c.account_id == worker_id)
        return self._connection.execute(statement).scalar_one_or_none()

    def with_pin(self, ids: Sequence[WorkerId]) -> set[WorkerId]:
        """Those of these workers who set a PIN."""
        if not ids:
            return set()
        return {WorkerId(row.account_id) for row in _WITH_PIN.rows(self._connection, {"ids": ids})}

    def set_pin_hash(self, worker_id: WorkerId, pin_hash: str) -> None:
        """Store a new PIN hash."""
        self._connection.execute(
            update(_WORKER).where(_WORKER.c.account_id == worker_id).values(pin_hash=pin_hash)
        )

    def _one(self, statement: Prepared, worker_id: WorkerId) -> Worker:
        row = statement.rows(self._connection, {"id": worker_id}).mappings().first()
        if row is None:
            raise NotFound("no such worker")
        return _worker(row)


def _values(worker: Worker) -> dict[str, Any]:
    presence = worker.presence
    return {
        "trades": ",".join(sorted(worker.trades)),
        "mode": worker.mode.value,
        "floor_wage_fen": worker.floor_wage_fen,
        "wanted": presence.wanted,
        "since": presence.since,
        "until": presence.until,
        "lat": presence.position.lat if presence.position else None,
        "lng": presence.position.lng if presence.position else None,
        "station_id": presence.station,
        "seen_at": presence.seen_at,
        "reach_s": worker.reach_s,
        "groups": ",".join(sorted(worker.groups)),
    }


def _worker(row: RowMapping) -> Worker:
    position = Position(row["lat"], row["lng"]) if row["lat"] is not None else None
    return Worker(
        id=WorkerId(row["account_id"]),
        name=row["name"],
        trades=frozenset(row["trades"].split(",")) if row["trades"] else frozenset(),
        mode=Mode(row["mode"]),
        floor_wage_fen=row["floor_wage_fen"],
        reach_s=row["reach_s"],
        groups=frozenset(row["groups"].split(",")) if row["groups"] else frozenset(),
        crew=CrewId(row["crew_id"]) if row["crew_id"] else None,
        presence=Presence(
            wanted=row["wanted"],
            since=row["since"],
            until=row["until"],
            position=position,
            station=StationId(row["station_id"]) if row["station_id"] else None,
            seen_at=row["seen_at"],
        ),
    )
