"""Copies of a running market, and bringing one back."""

from pathlib import Path

import pytest

from gigmarket.domain.ids import AccountId
from gigmarket.store import schema
from gigmarket.store.backup import BackupFailed, backup, restore
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

    with pytest.raises(BackupFailed, match="exists already"):
        backup(database, copy)
    with pytest.raises(BackupFailed, match="exists already"):
        restore(copy, database)


def test_what_is_no_market_is_refused(tmp_path: Path) -> None:
    noise, back = tmp_path / "noise.db", tmp_path / "market.db"
    noise.write_bytes(b"not a database" * 100)

    with pytest.raises(BackupFailed, match="there is no database"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    with pytest.raises(BackupFailed, match="not a gigmarket database"):
        restore(noise, back)
    with pytest.raises(BackupFailed, match="not a gigmarket database"):
        restore(tmp_path / "none.db", back)
    assert not back.exists()
