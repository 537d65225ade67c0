"""Crews in SQL. Who is in one stands in the worker's own row: nobody is in two."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from gigmarket.domain.crew import Crew, Together
from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import CrewId, WorkerId
from gigmarket.store.columns import among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_CREW, _WORKER = TABLES["crew"], TABLES["worker"]
_MEMBERS = Prepared(
    select(_WORKER.c.account_id, _WORKER.c.crew_id)
    .where(among(_WORKER.c.crew_id, "ids"))
    .order_by(_WORKER.c.crew_since, _WORKER.c.account_id)
)
_BY_IDS = Prepared(select(_CREW).where(among(_CREW.c.id, "ids")))


class Crews:
    """Queries about crews inside one transaction. Hold the crew's row, then its members', to change it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_many(self, ids: Sequence[CrewId]) -> dict[CrewId, Crew]:
        """The crews among these ids that exist."""
        if not ids:
            return {}
        return self._crews(_BY_IDS.rows(self._connection, {"ids": sorted(set(ids))}).mappings().all())

    def lock(self, crew_id: CrewId) -> Crew:
        """One crew, held until the transaction ends. Raises NotFound."""
        # Who is in it is read after, in a statement of its own: it may have changed while this one waited.
        mine = select(_CREW).where(_CREW.c.id == crew_id).with_for_update()
        row = self._connection.execute(mine).mappings().first()
        found = self._crews([row] if row is not None else []).get(crew_id)
        if found is None:
            raise NotFound("no such crew")
        return found

    def by_code(self, code: str) -> CrewId | None:
        """The crew with this code, good or too old."""
        found = self._connection.execute(select(_CREW.c.id).where(_CREW.c.code == code)).scalar_one_or_none()
        return None if found is None else CrewId(found)

    def add(self, crew: Crew, now: datetime) -> None:
        """Insert a crew with its founder."""
        row = {"id": crew.id, "code": crew.code, "code_until": crew.code_until}
        self._connection.execute(insert(_CREW), row)
        self.enter(crew.id, crew.leader, now)

    def set_code(self, crew: Crew) -> None:
        """Write a new code."""
        self._connection.execute(
            update(_CREW).where(_CREW.c.id == crew.id).values(code=crew.code, code_until=crew.code_until)
        )

    def enter(self, crew_id: CrewId, worker: WorkerId, now: datetime) -> None:
        """The worker is in this crew from now on, after all who are."""
        self._member(worker, crew_id, now)

    def quit(self, worker: WorkerId) -> None:
        """The worker is in no crew from now on."""
        self._member(worker, None, None)

    def remove(self, crew_id: CrewId) -> None:
        """Delete a crew that nobody is in."""
        self._connection.execute(delete(_CREW).where(_CREW.c.id == crew_id))

    def _member(self, worker: WorkerId, crew_id: CrewId | None, since: datetime | None) -> None:
        mine = update(_WORKER).where(_WORKER.c.account_id == worker)
        self._connection.execute(mine.values(crew_id=crew_id, crew_since=since))

    def _crews(self, rows: Sequence[RowMapping]) -> dict[CrewId, Crew]:
        members: dict[str, list[WorkerId]] = {}
        for member in _MEMBERS.rows(self._connection, {"ids": [row["id"] for row in rows]}):
            members.setdefault(member.crew_id, []).append(WorkerId(member.account_id))
        return {
            CrewId(row["id"]): Crew(
                CrewId(row["id"]), tuple(members[row["id"]]), row["code"], row["code_until"]
            )
            for row in rows
            if row["id"] in members
        }


def together_row(together: Together | None) -> Mapping[str, str | int | None]:
    """The crew's columns of an offer or an assignment."""
    if together is None:
        return {"crew_id": None, "crew_leader_id": None, "crew_size": None}
    return {"crew_id": together.crew, "crew_leader_id": together.leader, "crew_size": together.size}


def together_of(row: RowMapping) -> Together | None:
    """What these columns say."""
    if row["crew_id"] is None:
        return None
    return Together(CrewId(row["crew_id"]), WorkerId(row["crew_leader_id"]), row["crew_size"])
