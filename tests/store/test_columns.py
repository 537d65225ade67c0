"""Instants and lists mean the same in both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Dialect, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from gigmarket.store.columns import Instant, among
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction

pytestmark = pytest.mark.contract

AUDIT, STREAM = TABLES["audit"], TABLES["stream"]
ODD = ("a", "A", "", "b'c", '"', "[1]", "1", "null", "汉字", "\\u0041", "%", "a b")


def _kept(tx: Transaction, at: datetime) -> datetime:
    row = {"at": at, "actor_id": "w1", "action": "look", "subject_id": "g1"}
    tx.connection.execute(insert(AUDIT), row)
    kept: datetime = tx.connection.execute(select(AUDIT.c.at)).scalar_one()
    return kept


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 3, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 1, 2, 3, 4, tzinfo=UTC),
    ],
)
def test_instants_keep_their_microseconds(tx: Transaction, at: datetime) -> None:
    assert _kept(tx, at) == at


def test_instants_come_back_in_utc(tx: Transaction) -> None:
    in_china = datetime(2026, 6, 1, 8, 30, 0, 1, tzinfo=timezone(timedelta(hours=8)))

    kept = _kept(tx, in_china)

    assert kept == in_china
    assert kept.tzinfo is UTC


def test_a_naive_instant_is_refused(tx: Transaction) -> None:
    with pytest.raises(StatementError, match="an instant needs an offset"):
        _kept(tx, datetime(2026, 6, 1, 8, 30))  # noqa: DTZ001 - what is refused


def test_instants_are_ordered_by_the_database(tx: Transaction) -> None:
    moments = [datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(microseconds=n) for n in (2, 0, 1)]
    rows = [{"at": at, "actor_id": "w1", "action": "look", "subject_id": "g1"} for at in moments]
    tx.connection.execute(insert(AUDIT), rows)

    found = tx.connection.execute(select(AUDIT.c.at).where(AUDIT.c.at > min(moments)).order_by(AUDIT.c.at))

    assert list(found.scalars()) == sorted(moments)[1:]


def test_each_database_has_its_own_type() -> None:
    here: Dialect = sqlite.dialect()
    there: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    assert Instant().compile(here) == "BIGINT"
    assert Instant().compile(there) == "TIMESTAMP WITH TIME ZONE"


def test_those_among_a_list_are_found_and_nobody_else(tx: Transaction) -> None:
    tx.connection.execute(insert(STREAM), [{"principal": name, "head": 0} for name in ODD])
    found = select(STREAM.c.principal).where(among(STREAM.c.principal, "names"))

    strangers = [f"n{number}" for number in range(5000)]
    for asked in [(), ODD, *((name,) for name in ODD), ODD[::2], (*ODD[:3], *strangers)]:
        there = tx.connection.execute(found, {"names": asked}).scalars()
        assert sorted(there) == sorted(set(asked) & set(ODD))
