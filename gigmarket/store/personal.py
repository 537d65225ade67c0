"""What SQL keeps about one person, to be handed out or made unreadable (个人信息保护法 articles 45 and 47)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.gig import ENDED
from gigmarket.domain.ids import AccountId
from gigmarket.store.tables import TABLES

OF_PERSON: Mapping[str, tuple[str, ...]] = {
    "account": ("id",),
    "worker": ("account_id",),
    "session": ("account_id",),
    "gig": ("employer_id",),
    "offer": ("worker_id",),
    "assignment": ("worker_id", "employer_id"),
    "appeal": ("worker_id",),
    "worker_day": ("worker_id",),
    "pass": ("worker_id",),
    "idempotency": ("account_id",),
    "audit": ("actor_id", "via_id", "subject_id"),
}
"""The columns that say whose a row is, by table. Rows in which he only acted, posted or led a crew tell of
somebody else's way and reasons: of his acts the audit tells.
"""
SECRET = frozenset({"pin_hash", "id_hash", "token_hash", "site_code", "fingerprint"})
"""Keys to something: of these only whether there is one is told."""
NOBODY = "已注销"


class Personal:
    """Queries about one person inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account: AccountId) -> dict[str, list[dict[str, Any]]]:
        """Every row that is about the account, by table, oldest first; secrets as whether there are any."""
        return {name: self._rows(name, account) for name in OF_PERSON}

    def unfinished(self, account: AccountId) -> list[str]:
        """What has to end before the account can: work, wages, postings, appeals; a line each."""
        gig, assignment, appeal = TABLES["gig"].c, TABLES["assignment"].c, TABLES["appeal"].c
        mine = or_(assignment.worker_id == account, assignment.employer_id == account)
        open_rows = {
            "assignments whose work or wage is not settled": mine & assignment.status.in_(_UNSETTLED),
            "postings that are not over": (gig.employer_id == account) & gig.status.not_in(_OVER),
            "appeals without an answer": (appeal.worker_id == account) & appeal.answered_at.is_(None),
        }
        counts = {
            what: self._connection.execute(select(func.count()).where(rows)).scalar_one()
            for what, rows in open_rows.items()
        }
        return [f"{number} {what}" for what, number in counts.items() if number]

    def forget(self, account: AccountId) -> None:
        """Make a suspended person unknown: name, phone, PIN, ID, place, own words. Work and wages stay, under a
        number that leads to nobody. Whoever comes with the same phone later is new.
        """
        for name, column, values in (
            ("account", "id", {"name": NOBODY, "phone": f"gone:{account}", "pin_hash": None}),
            ("worker", "account_id", _UNKNOWN_WORKER),
            ("gig", "employer_id", {"note": "", "address": NOBODY}),
            ("appeal", "worker_id", {"words": ""}),
        ):
            table = TABLES[name]
            self._connection.execute(update(table).where(table.c[column] == account).values(values))
        for name, column in (("idempotency", "account_id"), ("worker_day", "worker_id")):
            table = TABLES[name]
            self._connection.execute(delete(table).where(table.c[column] == account))

    def _rows(self, name: str, account: AccountId) -> list[dict[str, Any]]:
        table = TABLES[name]
        named = or_(*(table.c[column] == account for column in OF_PERSON[name]))
        rows = self._connection.execute(select(table).where(named).order_by(*table.primary_key)).mappings()
        return [{column: _told(column, value) for column, value in row.items()} for row in rows]


def _told(column: str, value: Any) -> Any:
    return value is not None if column in SECRET else value


_UNSETTLED = [
    status.value
    for status in (
        AssignmentStatus.CONFIRMED,
        AssignmentStatus.CHECKED_IN,
        AssignmentStatus.COMPLETED,
        AssignmentStatus.DISPUTED,
    )
]
_OVER = [status.value for status in ENDED]
_UNKNOWN_WORKER = {"pin_hash": None, "id_hash": None, "lat": None, "lng": None, "groups": "", "wanted": False}
