"""A prepared statement finds, writes and refuses what SQLAlchemy's own way does, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from gigmarket.store.columns import among
from gigmarket.store.database import Store
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction

pytestmark = pytest.mark.contract

AUDIT, STREAM, DAY, ACCOUNT = (TABLES[name] for name in ("audit", "stream", "worker_day", "account"))
AT = datetime(2026, 6, 1, 8, 30, 0, 1, tzinfo=timezone(timedelta(hours=8)))
BEGIN = Prepared(insert(STREAM))
HEADS = Prepared(
    select(STREAM, (STREAM.c.head > 1).label("told"))
    .where(among(STREAM.c.principal, "names"))
    .order_by(STREAM.c.principal)
)
NAMES = ("a", "b", "汉字", "b'c")


@contextmanager
def listened(tx: Transaction) -> Iterator[list[str]]:
    """Whoever listens to SQLAlchemy's statements hears of prepared ones, too."""
    said: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(tx.connection.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(tx.connection.engine, "before_cursor_execute", note)


def begin(tx: Transaction) -> None:
    BEGIN.write(tx.connection, [{"principal": name, "head": head} for head, name in enumerate(NAMES)])


def test_rows_are_those_of_sqlalchemys_own_way(tx: Transaction) -> None:
    begin(tx)
    row = {"at": AT, "actor_id": "w1", "via_id": None, "action": "look", "subject_id": "g1"}
    Prepared(insert(AUDIT)).write(tx.connection, row)
    audit = Prepared(select(AUDIT).where(AUDIT.c.at >= bindparam("since")))
    for statement, given in ((HEADS, {"names": NAMES[1:]}), (HEADS, {"names": ()}), (audit, {"since": AT})):
        found = statement.rows(tx.connection, given)
        with listened(tx) as said:
            theirs = statement.rows(tx.connection, given)
        assert len(said) == 1
        assert list(found.keys()) == list(theirs.keys())
        rows, others = found.all(), theirs.all()
        assert rows == others
        assert [list(map(type, one)) for one in rows] == [list(map(type, one)) for one in others]


def test_rows_are_read_by_name_and_one_by_one(tx: Transaction) -> None:
    begin(tx)
    (first, *_, last) = HEADS.rows(tx.connection, {"names": NAMES})
    assert (first.principal, first.head, first.told) == ("a", 0, False)
    assert last.told is True
    assert HEADS.rows(tx.connection, {"names": ["b"]}).mappings().one()["head"] == 1
    assert HEADS.rows(tx.connection, {"names": ["x"]}).first() is None
    count = Prepared(select(func.count()).select_from(STREAM).where(STREAM.c.head >= bindparam("least")))
    assert count.rows(tx.connection, {"least": 1}).scalar_one() == 3


def test_columns_come_back_as_what_they_are(tx: Transaction) -> None:
    day = {"worker_id": "w1", "day": date(2026, 6, 1), "available_s": 1, "worked_s": 2, "offers": 3}
    Prepared(insert(DAY)).write(tx.connection, day)
    assert dict(Prepared(select(DAY)).rows(tx.connection, {}).mappings().one()) == day
    row = {"at": AT, "actor_id": "w1", "action": "look", "subject_id": "g1"}
    Prepared(insert(AUDIT)).write(tx.connection, row)
    at = Prepared(select(AUDIT.c.at, AUDIT.c.via_id)).rows(tx.connection, {}).one()
    assert tuple(at) == (AT, None)
    assert at.at.tzinfo is UTC


def test_writing_answers_how_many_rows(tx: Transaction) -> None:
    begin(tx)
    up = Prepared(update(STREAM).where(STREAM.c.principal == bindparam("name")).values(head=STREAM.c.head + 1))
    away = Prepared(delete(STREAM).where(STREAM.c.head > bindparam("most")))
    assert up.write(tx.connection, {"name": "a"}) == 1
    assert up.write(tx.connection, [{"name": "b"}]) == 1
    assert up.write(tx.connection, {"name": "nobody"}) == 0
    up.write(tx.connection, [{"name": "a"}, {"name": "b"}])
    heads = {row.principal: row.head for row in HEADS.rows(tx.connection, {"names": NAMES})}
    assert heads == {"a": 2, "b": 3, "汉字": 2, "b'c": 3}
    assert away.write(tx.connection, {"most": 2}) == 2


def test_an_insert_has_the_columns_that_are_given(tx: Transaction) -> None:
    add = Prepared(insert(AUDIT).returning(AUDIT.c.id, AUDIT.c.via_id))
    row = {"at": AT, "actor_id": "w1", "action": "look", "subject_id": "g1"}
    first = add.rows(tx.connection, row).one()
    second = add.rows(tx.connection, {**row, "via_id": "w2"}).one()
    assert (first.via_id, second.via_id) == (None, "w2")
    assert second.id > first.id


def test_text_tells_its_columns_when_it_is_run(tx: Transaction) -> None:
    begin(tx)
    heads = Prepared(text("SELECT principal AS who, head FROM stream WHERE head > :least ORDER BY head"))
    for least in (2, 9, 0):
        rows = heads.rows(tx.connection, {"least": least}).mappings().all()
        assert [row["who"] for row in rows] == list(NAMES[least + 1 :])


def test_what_a_statement_says_itself_need_not_be_given(tx: Transaction) -> None:
    begin(tx)
    some = Prepared(
        select(STREAM.c.head).where(STREAM.c.head > bindparam("least")).order_by(STREAM.c.head).limit(2)
    )
    assert some.rows(tx.connection, {"least": 0}).scalars().all() == [1, 2]


def test_a_broken_rule_is_sqlalchemys_error_without_anybodys_data(tx: Transaction) -> None:
    begin(tx)
    with pytest.raises(IntegrityError) as refused, tx.attempt():
        BEGIN.write(tx.connection, {"principal": "汉字", "head": 7})
    assert refused.value.params is None or tx.connection.dialect.name == "postgresql"
    with pytest.raises(IntegrityError), tx.attempt():
        BEGIN.write(tx.connection, [{"principal": name, "head": 7} for name in ("new", "a")])
    with pytest.raises(IntegrityError), tx.attempt():
        Prepared(insert(STREAM).returning(STREAM.c.head)).rows(tx.connection, {"principal": "a", "head": 7})
    assert HEADS.rows(tx.connection, {"names": ["汉字", "new"]}).one().head == 2


def test_a_list_that_would_be_put_together_at_each_run_is_refused(store: Store) -> None:
    many = Prepared(select(STREAM).where(STREAM.c.principal.in_(bindparam("names", expanding=True))))
    if store.engine.dialect.name == "sqlite":
        with pytest.raises(ValueError, match="`among`"):
            store.read_now(lambda tx: many.rows(tx.connection, {"names": ["a"]}).all())
    else:
        assert store.read_now(lambda tx: many.rows(tx.connection, {"names": ["a"]}).all()) == []


def test_columns_with_a_default_are_to_be_said(sqlite: str) -> None:
    late = Prepared(insert(TABLES["assignment"]))
    store = Store(sqlite)
    with pytest.raises(ValueError, match="say them: late_s, vouched"):
        store.transact_now(lambda tx: late.write(tx.connection, {"id": "a1"}))
    store.close()


def test_what_is_read_in_one_go_is_one_moments(store: Store) -> None:
    def twice(tx: Transaction) -> tuple[int, int]:
        def heads() -> int:
            return len(HEADS.rows(tx.connection, {"names": NAMES}).all())

        before = heads()
        store.transact_now(begin)
        return before, heads()

    assert store.read_now(twice) == (0, 0)
    assert store.read_now(lambda tx: len(HEADS.rows(tx.connection, {"names": NAMES}).all())) == len(NAMES)
