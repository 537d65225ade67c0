"""The commands on a market's data: they use the database that the settings name, and keep it from others."""

import signal
import stat
import subprocess
from pathlib import Path

from gigmarket.store.data_folder import held
from gigmarket.store.database import Store
from gigmarket.store.engine import sqlite_url
from tests.serving import command, environment, wait_until
from tests.test_cli import execute, said

CREATE = ("session", "create", "--role", "staff", "--name", "王主任", "--phone", "13900000001")


def test_the_database_that_the_url_names_is_copied_and_brought_back(tmp_path: Path) -> None:
    decoy, named, copy = tmp_path / "decoy", tmp_path / "named", tmp_path / "copy.db"
    named.mkdir()
    assert said(*CREATE, "--data", str(decoy))[0] == 0
    there = {"GIGMARKET_DATA": str(decoy), "GIGMARKET_DATABASE_URL": sqlite_url(named / "x.db")}
    assert said("migrate", **there)[0] == 0
    execute(named / "x.db", "UPDATE meta SET value = 'the named one' WHERE key = 'stream_epoch'")

    assert said("backup", "--out", str(copy), **there)[0] == 0
    assert epoch(copy) == "the named one"

    code, _, err = said("restore", str(copy), **there)
    assert (code, "holds a market already: move x.db" in err) == (1, True)
    code, out, err = said("restore", str(copy), "--aside", **there)
    assert (code, err) == (0, "")
    (before,) = named.glob("x.db.*Z")
    assert f"what was there: {before}\n" in out
    assert (epoch(before), epoch(named / "x.db") != "the named one") == ("the named one", True)
    assert not list(decoy.glob("gigmarket.db.*Z"))


def test_postgresql_has_its_own_tools_and_memory_has_no_copy(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.touch()
    postgres = {"GIGMARKET_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    for words, instead in (("backup", "--out", str(copy)), "pg_dump"), (("restore", str(copy)), "pg_restore"):
        told = f"gigmarket: this market is on PostgreSQL: use {instead}\n"
        assert said(*words, **postgres) == (2, "", told)
    code, _, err = said("backup", "--out", str(copy), GIGMARKET_DATABASE_URL="sqlite:///:memory:")
    assert (code, err.count("\n"), "must name a file" in err) == (2, 1, True)


def test_nothing_is_restored_under_a_running_market(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    there = {"GIGMARKET_DATA": str(data)}
    assert said(*CREATE, **there)[0] == 0
    assert said("backup", "--out", str(copy), **there)[0] == 0
    (data / "gigmarket.db").rename(tmp_path / "moved.db")
    with held(data):
        code, out, err = said("restore", str(copy), **there)
    assert (code, out, err) == (1, "", f"gigmarket: a market is running on {data}: stop it first\n")
    assert not (data / "gigmarket.db").exists()
    assert said("restore", str(copy), **there)[0] == 0


def test_no_market_starts_while_one_is_restored(tmp_path: Path) -> None:
    with held(tmp_path):
        code, _, err = said("serve", "--port", "0", "--data", str(tmp_path))
    assert (code, "another gigmarket is running" in err) == (1, True)


def test_what_a_command_makes_is_its_owners_alone(tmp_path: Path) -> None:
    for data, words in ("a", CREATE), ("b", ("migrate",)):
        assert said(*words, "--data", str(tmp_path / data))[0] == 0
    assert said("backup", "--data", str(tmp_path / "a"), "--out", str(tmp_path / "copy.db"))[0] == 0
    assert said("restore", str(tmp_path / "copy.db"), "--data", str(tmp_path / "c"))[0] == 0
    made = [path for path in tmp_path.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert made == []
    assert len(list(tmp_path.rglob("*.db"))) == 4


def test_an_ended_backup_leaves_nothing_and_was_nobody_elses_to_read(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    assert said(*CREATE, "--data", str(tmp_path / "data"))[0] == 0
    # Large enough to be met half written.
    execute(tmp_path / "data" / "gigmarket.db", "CREATE TABLE filler AS SELECT zeroblob(100000000) AS room")
    words = command("backup", "--data", str(tmp_path / "data"), "--out", str(copies / "copy.db"))
    with subprocess.Popen(words, env=environment(), umask=0o022) as process:
        wait_until(lambda: list(copies.iterdir()), "the backup has begun")
        process.send_signal(signal.SIGSTOP)
        assert not (copies / "copy.db").exists()
        assert {stat.S_IMODE(file.stat().st_mode) for file in copies.iterdir()} == {0o600}
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        assert process.wait(30) == 128 + signal.SIGTERM
    assert list(copies.iterdir()) == []


def test_a_known_desk_is_told_what_changed_beside_its_token(tmp_path: Path) -> None:
    words = (*CREATE, "--data", str(tmp_path))
    first = said(*words)
    second = said(*words, "--station", "zs-city")
    assert [len(out.split()) for _, out, _ in (first, second)] == [1, 1]
    assert (first[2], second[0]) == ("", 0)
    moved = "moved from the whole city to station zs-city; earlier sessions have ended"
    assert second[2] == f"gigmarket: {moved}\n"
    assert said(*words, "--station", "nowhere") == (1, "", "gigmarket: no such station\n")


def epoch(database: Path) -> str:
    store = Store(sqlite_url(database))
    try:
        return store.read_now(lambda tx: tx.streams.epoch())
    finally:
        store.close()
