"""Why rounds decided as they did, in SQL: one row per gig and round, the people in it as compact JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select

from gigmarket.domain.draw import key_of
from gigmarket.domain.explanation import Considered, Explanation, Lot
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

SEARCHED = 50
"""Rounds of a gig in which a worker is looked for: about half an hour of a gig that waits."""

_ROW = TABLES["explanation"]
_ADD = Prepared(insert(_ROW))
_OF_GIG = Prepared(
    select(_ROW).where(_ROW.c.gig_id == bindparam("gig")).order_by(_ROW.c.id.desc()).limit(bindparam("most"))
)
_OF_ROUND = Prepared(
    select(_ROW)
    .where(_ROW.c.gig_id == bindparam("gig"), _ROW.c.round == bindparam("round"))
    .order_by(_ROW.c.id.desc())
    .limit(1)
)
_OLD = select(_ROW.c.id).where(_ROW.c.at < bindparam("before")).order_by(_ROW.c.at).limit(bindparam("most"))
_FORGET = Prepared(delete(_ROW).where(_ROW.c.id.in_(_OLD)))


class Explanations:
    """Queries about the reasons of rounds inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_many(self, explanations: Sequence[Explanation]) -> None:
        """Insert what a round leaves behind, one row per gig, in one statement."""
        if explanations:
            _ADD.write(self._connection, [_row(explanation) for explanation in explanations])

    def latest(self, gig: GigId) -> Explanation | None:
        """The newest explanation of a gig; None when no round has looked at it yet, or all are forgotten."""
        return next(iter(self.of_gig(gig, 1)), None)

    def of_round(self, gig: GigId, round_name: str) -> Explanation | None:
        """What this round decided about this gig; None when that is forgotten or never was."""
        row = _OF_ROUND.rows(self._connection, {"gig": gig, "round": round_name}).mappings().first()
        return None if row is None else _explanation(row)

    def of_gig(self, gig: GigId, limit: int) -> list[Explanation]:
        """A gig's explanations, newest first."""
        rows = _OF_GIG.rows(self._connection, {"gig": gig, "most": limit})
        return [_explanation(row) for row in rows.mappings()]

    def considering(self, gig: GigId, worker: WorkerId) -> Explanation | None:
        """The newest of the gig's last `SEARCHED` explanations in which this worker is among the considered, or
        drew a lot.
        """
        name, lot = f'"{worker}"', f"[{key_of(worker)},"
        for row in _OF_GIG.rows(self._connection, {"gig": gig, "most": SEARCHED}).mappings():
            if name in row["considered"] or lot in row["lots"]:
                return _explanation(row)
        return None

    def deciding(self, gig: GigId) -> Explanation | None:
        """The newest of the gig's last `SEARCHED` explanations by which somebody was offered a seat."""
        found = self.of_gig(gig, SEARCHED)
        return next((one for one in found if one.funnel.get(Verdict.OFFERED, 0)), None)

    def forget(self, before: datetime, limit: int = 1000) -> int:
        """Delete the oldest explanations made before this time, at most `limit`; returns how many."""
        return _FORGET.write(self._connection, {"before": before, "most": limit})


def _row(explanation: Explanation) -> dict[str, Any]:
    return {
        "gig_id": explanation.gig,
        "at": explanation.at,
        "round": explanation.round,
        "seed": explanation.seed,
        "seats": explanation.seats,
        "circle_s": explanation.circle_s,
        "estimated": explanation.estimated,
        "funnel": _json({verdict.value: count for verdict, count in explanation.funnel.items()}),
        "considered": _json([_fields(person) for person in explanation.considered]),
        "alike": explanation.alike,
        "lots": _json([(lot.key, lot.cost_s) for lot in explanation.lots]),
    }


def _json(value: object) -> str:
    # The numbers come from the round's columns: a numpy scalar among them must not break a round.
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _fields(person: Considered) -> tuple[Any, ...]:
    return (
        person.worker,
        person.verdict.value,
        person.travel_s,
        person.cost_s,
        person.credit_s,
        person.waited_s,
        person.share,
        person.ticket,
        person.key,
        *([True] if person.in_crew else []),
    )


def _explanation(row: RowMapping) -> Explanation:
    return Explanation(
        gig=GigId(row["gig_id"]),
        at=row["at"],
        round=row["round"],
        seed=row["seed"],
        seats=row["seats"],
        circle_s=row["circle_s"],
        estimated=row["estimated"],
        funnel={Verdict(name): count for name, count in orjson.loads(row["funnel"]).items()},
        considered=tuple(
            Considered(WorkerId(name), Verdict(verdict), *numbers)
            for name, verdict, *numbers in orjson.loads(row["considered"])
        ),
        alike=row["alike"],
        lots=tuple(Lot(key, cost_s) for key, cost_s in orjson.loads(row["lots"])),
    )
