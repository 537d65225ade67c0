"""An independent reader of the SQL file and of what each client saw: what must never be, counted and named.

Plain sqlite3 on a read-only connection with statements of its own; nothing of the domain or the services.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gigmarket.demo.record import ClientRecord
from gigmarket.demo.stream_checks import accept_faults, history_faults, stream_faults

LISTED = 20


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must never be: its kind, and where it was found."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def check(database: Path, clients: Sequence[ClientRecord] = ()) -> list[Violation]:
    """Every violation in one consistent view of the file; the file is not changed.

    Raises sqlite3.Error when it is not a market's database.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        found = [
            Violation(kind, str(row["detail"]))
            for kind, statement in STATEMENTS
            for row in connection.execute(statement)
        ]
        return [*found, *_named(connection, clients)]


def _named(connection: sqlite3.Connection, clients: Sequence[ClientRecord]) -> Iterator[Violation]:
    sources: Iterable[Iterator[tuple[str, str]]] = (
        history_faults(connection),
        stream_faults(connection, clients),
        accept_faults(connection, clients),
    )
    for source in sources:
        for kind, detail in source:
            yield Violation(kind, detail)


_VACANT = "('cancelled_by_worker', 'cancelled_by_employer', 'no_show')"
_WORKING = "('confirmed', 'checked_in')"
_ROWS = f"""
    SELECT gig.*,
        (SELECT count(*) FROM offer WHERE gig_id = gig.id AND status = 'pending') AS pending,
        (SELECT count(*) FROM assignment WHERE gig_id = gig.id AND status NOT IN {_VACANT}) AS held
    FROM gig
"""  # noqa: S608 - only the constants above
_DUE = """
    CASE gig.wage_per WHEN 'day' THEN gig.wage_fen
        WHEN 'hour' THEN (gig.wage_fen * ((gig.ends_at - gig.starts_at) / 1000000) + 3599) / 3600 END
"""

STATEMENTS: tuple[tuple[str, str], ...] = (
    (
        "overfilled_gig",
        f"SELECT id || ' has ' || held || ' workers, ' || pending || ' offers, ' || headcount || ' seats'"  # noqa: S608
        f" AS detail FROM ({_ROWS}) WHERE held + pending > headcount",
    ),
    (
        "seat_counters",
        f"SELECT id || ' counts ' || reserved || ' + ' || filled || ', has ' || pending || ' + ' || held"  # noqa: S608
        f" AS detail FROM ({_ROWS}) WHERE reserved <> pending OR filled <> held",
    ),
    (
        "overlapping_assignments",
        f"SELECT one.worker_id || ' has ' || one.id || ' and ' || two.id AS detail"  # noqa: S608
        f" FROM assignment one JOIN assignment two ON two.worker_id = one.worker_id AND two.id > one.id"
        f" WHERE one.status IN {_WORKING} AND two.status IN {_WORKING}"
        f" AND one.busy_from < two.busy_until AND two.busy_from < one.busy_until",
    ),
    (
        "two_pending_offers",
        "SELECT worker_id || ' has ' || count(*) AS detail FROM offer WHERE status = 'pending'"
        " GROUP BY worker_id HAVING count(*) > 1",
    ),
    (
        "accepted_without_assignment",
        "SELECT offer.id AS detail FROM offer LEFT JOIN assignment ON assignment.offer_id = offer.id"
        " WHERE offer.status = 'accepted' AND assignment.id IS NULL",
    ),
    (
        "doubled_assignment",
        "SELECT offer_id || ' has ' || count(*) AS detail FROM assignment"
        " GROUP BY offer_id HAVING count(*) > 1",
    ),
    (
        "doubled_assignment",
        f"SELECT worker_id || ' holds ' || count(*) || ' seats of ' || gig_id AS detail"  # noqa: S608
        f" FROM assignment WHERE status NOT IN {_VACANT} GROUP BY worker_id, gig_id HAVING count(*) > 1",
    ),
    (
        "assignment_without_offer",
        "SELECT assignment.id AS detail FROM assignment LEFT JOIN offer ON offer.id = assignment.offer_id"
        " WHERE offer.id IS NULL OR offer.status <> 'accepted' OR offer.worker_id <> assignment.worker_id"
        " OR offer.gig_id <> assignment.gig_id",
    ),
    (
        "torn_crew",
        "SELECT crew_id || ' of ' || crew_size || ' was asked ' || count(*) || ' times for ' || gig_id || ','"
        " || ' accepted ' || sum(status = 'accepted') AS detail FROM offer WHERE crew_id IS NOT NULL"
        " GROUP BY crew_id, gig_id, round, created_at HAVING count(*) <> max(crew_size)"
        " OR sum(status = 'accepted') NOT IN (0, count(*)) OR sum(status = 'pending') NOT IN (0, count(*))",
    ),
    (
        "accepted_too_late",
        "SELECT id AS detail FROM offer WHERE status = 'accepted'"
        " AND (answered_at IS NULL OR answered_at > expires_at)",
    ),
    (
        "wrong_money",
        "SELECT id || ' is settled without a confirmed payment' AS detail FROM assignment"
        " WHERE status = 'settled' AND (paid_fen IS NULL OR paid_at IS NULL OR settled_at IS NULL)",
    ),
    (
        "wrong_money",
        "SELECT id || ' is paid but nobody worked' AS detail FROM assignment WHERE paid_fen IS NOT NULL"
        " AND (checked_in_at IS NULL OR checked_out_at IS NULL OR status NOT IN"
        " ('completed', 'settled', 'disputed'))",
    ),
    (
        "wrong_money",
        "SELECT id || ' is paid ' || paid_fen || ' of ' || due_fen || ' fen without a reason' AS detail"
        " FROM assignment WHERE paid_fen < due_fen AND trim(paid_reason) = ''",
    ),
    (
        "wrong_money",
        f"SELECT assignment.id || ' is due ' || coalesce(due_fen, 'nothing') || ' fen' AS detail"  # noqa: S608
        f" FROM assignment JOIN gig ON gig.id = assignment.gig_id WHERE due_fen IS NOT {_DUE}",
    ),
    (
        "event_gap_in_sql",
        "SELECT principal || ' has ' || count(*) || ' events from ' || min(seq) || ' to ' || max(seq) AS detail"
        " FROM event GROUP BY principal HAVING count(*) <> max(seq) - min(seq) + 1",
    ),
    (
        "stream_head",
        "SELECT stream.principal || ' has head ' || head AS detail FROM stream"
        " WHERE head <> (SELECT max(seq) FROM event WHERE event.principal = stream.principal)",
    ),
)
"""Each statement selects the violations of its kind, one row each."""
