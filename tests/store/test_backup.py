"""Copies of a running market, and bringing one back."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gigmarket.domain.ids import AccountId
from gigmarket.store import schema
from gigmarket.store.backup import BackupFailed, backup, restore
from gigmarket.store.data_folder import InUse, files_of, held
from gigmarket.store.database import Store
from gigmarket.store.engine import sqlite_url
from gigmarket.store.transaction import Transaction


def _name(tx: Transaction) -> str:
    return tx.accounts.get(AccountId("w1")).name


def _rename(tx: Transaction, name: str) -> None:
    tx.accounts.rename(AccountId("w1"), name)


def test_a_copy_holds_what_was_committed_and_nothing_later(sqlite: str, tmp_path: Path) -> None:
    running, copy = Store(sqlite), tmp_path / "copy.db"
    running.transact_now(_rename, "before")

    assert backup(tmp_path / "market.db", copy) == copy.stat().st_size

    running.transact_now(_rename, "after")
    running.close()
    kept = Store(sqlite_url(copy))
    assert kept.read_now(_name) == "before"
    schema.check(kept.engine)
    kept.close()
    assert copy.stat().st_mode & 0o077 == 0, "phones and names are in it"


def test_a_restored_market_has_a_new_epoch(sqlite: str, tmp_path: Path) -> None:
    running, copy, back = Store(sqlite), tmp_path / "copy.db", tmp_path / "restored" / "market.db"
    epoch = running.read_now(lambda tx: tx.streams.epoch())
    running.close()
    backup(tmp_path / "market.db", copy)

    restore(copy, back)

    restored = Store(sqlite_url(back))
    assert restored.read_now(_name) == "name of w1"
    assert restored.read_now(lambda tx: tx.streams.epoch()) != epoch
    restored.transact_now(_rename, "new")
    restored.close()


def test_nothing_is_overwritten(sqlite: str, tmp_path: Path) -> None:
    database, copy = tmp_path / "market.db", tmp_path / "copy.db"
    backup(database, copy)
    before = copy.read_bytes(), database.read_bytes()

    with pytest.raises(BackupFailed, match="exists already"):
        backup(database, copy)
    with pytest.raises(BackupFailed, match=r"move market\.db.* away, all together, or let --aside do it"):
        restore(copy, database)
    assert (copy.read_bytes(), database.read_bytes()) == before


def test_a_copy_is_one_file_that_can_be_read_where_nothing_can_be_written(sqlite: str, tmp_path: Path) -> None:
    running, copy = Store(sqlite), tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    backup(tmp_path / "market.db", copy)
    running.close()

    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as still:
        assert still.execute("PRAGMA journal_mode").fetchone() != ("wal",)
    restore(copy, tmp_path / "restored" / "market.db")
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    assert [file.name for file in (tmp_path / "restored").iterdir()] == ["market.db"]


def test_a_log_with_committed_work_is_named_and_kept(sqlite: str, tmp_path: Path) -> None:
    running, copy = Store(sqlite), tmp_path / "copy.db"
    backup(tmp_path / "market.db", copy)
    running.transact_now(_rename, "in the log")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for file in files_of(tmp_path / "market.db"):
        shutil.copy(file, crashed)
    running.close()
    log = (crashed / "market.db-wal").read_bytes()
    assert log, "as a power cut would leave it"

    # Only the database was moved away: its log stayed.
    kept = (crashed / "market.db").rename(tmp_path / "elsewhere.db")
    with pytest.raises(BackupFailed, match=r"move market\.db-wal, market\.db-shm away, all together"):
        restore(copy, crashed / "market.db")
    assert (crashed / "market.db-wal").read_bytes() == log
    kept.rename(crashed / "market.db")

    restored = restore(copy, crashed / "market.db", "before")

    assert restored.revision == schema.REVISION
    names = [f"market.db.before{end}" for end in ("", "-wal", "-shm")]
    assert [file.name for file in restored.aside] == names
    assert sorted(file.name for file in crashed.iterdir()) == ["market.db", *sorted(names)]
    assert _read(crashed / "market.db.before") == "in the log"
    assert _read(crashed / "market.db") == "name of w1"


def test_what_a_reader_leaves_is_in_nobodys_way(sqlite: str, tmp_path: Path) -> None:
    copy, back = tmp_path / "copy.db", tmp_path / "restored" / "market.db"
    backup(tmp_path / "market.db", copy)
    back.parent.mkdir()
    back.with_name("market.db-wal").touch()
    back.with_name("market.db-shm").write_bytes(bytes(32768))

    assert restore(copy, back).aside == ()
    assert [file.name for file in back.parent.iterdir()] == ["market.db"]
    assert _read(back) == "name of w1"


def test_an_open_database_is_not_replaced(sqlite: str, tmp_path: Path) -> None:
    database, copy = tmp_path / "market.db", tmp_path / "copy.db"
    backup(database, copy)
    with _opened_elsewhere(database), pytest.raises(InUse, match="is in use by another process"):
        restore(copy, database, "before")
    assert database.exists()

    with _opened_elsewhere(database):
        database.rename(tmp_path / "moved.db")
        with pytest.raises(InUse, match="is in use by another process"):
            restore(copy, database)
    assert not database.exists()


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(InUse, match="a market is running on"), held(tmp_path):
        pass
    with held(tmp_path):
        assert (tmp_path / "lock").exists()


def test_what_is_no_market_is_refused(tmp_path: Path) -> None:
    noise, foreign, back = tmp_path / "noise.db", tmp_path / "foreign.db", tmp_path / "market.db"
    noise.write_bytes(b"not a database" * 100)
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE meta (key, value)")
        connection.execute("INSERT INTO meta VALUES ('stream_epoch', 'x')")
        connection.commit()

    with pytest.raises(BackupFailed, match="there is no database"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    for copy in (noise, foreign):
        with pytest.raises(BackupFailed, match="not a gigmarket database"):
            backup(copy, tmp_path / "copy.db")
        with pytest.raises(BackupFailed, match="not a gigmarket database"):
            restore(copy, back)
    with pytest.raises(BackupFailed, match="there is no database"):
        restore(tmp_path / "none.db", back)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["foreign.db", "noise.db"]


def test_a_market_that_lacks_a_table_is_none(sqlite: str, tmp_path: Path) -> None:
    _execute(tmp_path / "market.db", "DROP TABLE appeal")
    with pytest.raises(BackupFailed, match="it has no table appeal"):
        backup(tmp_path / "market.db", tmp_path / "copy.db")


def test_an_older_programs_copy_comes_back_and_a_newer_ones_does_not(sqlite: str, tmp_path: Path) -> None:
    database, old, new = tmp_path / "market.db", tmp_path / "old.db", tmp_path / "new.db"
    for revision, copy in (("0010", old), ("9999", new)):
        _execute(database, f"UPDATE alembic_version SET version_num = '{revision}'")
        backup(database, copy)

    assert restore(old, tmp_path / "a" / "market.db").revision == "0010"
    with pytest.raises(BackupFailed, match=r"of a newer program \(9999\)"):
        restore(new, tmp_path / "b" / "market.db")


@pytest.mark.parametrize("page", [3, 20, 40])
def test_one_lost_page_is_found(sqlite: str, tmp_path: Path, page: int) -> None:
    database, copy, back = tmp_path / "market.db", tmp_path / "copy.db", tmp_path / "back.db"
    backup(database, copy)
    for file in (database, copy):
        with file.open("r+b") as opened:
            opened.seek(page * 4096)
            opened.write(b"\xa5" * 4096)

    with pytest.raises(BackupFailed, match=r"market\.db is damaged .*no copy was kept"):
        backup(database, tmp_path / "second.db")
    with pytest.raises(BackupFailed, match=r"copy\.db is damaged .*take an earlier backup"):
        restore(copy, back)
    assert not list(tmp_path.glob("second*"))
    assert not list(tmp_path.glob("*.part"))
    assert not back.exists()


def test_who_cannot_be_written_is_named_and_nothing_is_left(sqlite: str, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"nowhere/a\.db cannot be written: No such file"):
        backup(tmp_path / "market.db", tmp_path / "nowhere" / "a.db")

    copies = tmp_path / "copies"
    copies.mkdir()
    narrow = (
        "import resource, sys; from pathlib import Path; from gigmarket.store.backup import backup;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536));"
        "backup(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    words = [sys.executable, "-c", narrow, str(tmp_path / "market.db"), str(copies / "a.db")]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert f"BackupFailed: {copies / 'a.db'} cannot be written" in ran.stderr
    assert list(copies.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_restores_is_the_folders_owners(sqlite: str, tmp_path: Path) -> None:
    copy, back = tmp_path / "copy.db", tmp_path / "service" / "market.db"
    backup(tmp_path / "market.db", copy)
    back.parent.mkdir()
    os.chown(back.parent, 4711, 4712)

    with held(back.parent):
        restore(copy, back)

    assert {(file.stat().st_uid, file.stat().st_gid) for file in back.parent.iterdir()} == {(4711, 4712)}
    assert back.stat().st_mode & 0o777 == 0o600


def _read(database: Path) -> str:
    store = Store(sqlite_url(database))
    try:
        return store.read_now(_name)
    finally:
        store.close()


def _execute(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)
        connection.commit()


@contextmanager
def _opened_elsewhere(database: Path) -> Iterator[None]:
    """Another process that has read the database and keeps its connection."""
    reading = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode = WAL');"
        "c.execute('SELECT count(*) FROM account').fetchone(); print('open', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", reading, str(database)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.stdin.close()
