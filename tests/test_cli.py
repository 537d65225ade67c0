"""The command line says in one line what it cannot do, and never shows where in the program that was."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gigmarket import __version__
from tests.serving import command, environment

NOWHERE = "postgresql://nobody:s3cret@127.0.0.1:1/nothing"


def said(*words: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `gigmarket …`."""
    return ran(command(*words), **settings)


def ran(words: list[str], **settings: str) -> tuple[int, str, str]:
    """The same of any command, which begins with the umask of most machines."""
    ended = subprocess.run(
        words,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        umask=0o022,
    )
    return ended.returncode, ended.stdout, ended.stderr


def execute(database: Path, statement: str) -> None:
    """One statement, committed."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("words", "settings", "code", "told"),
    [
        (["worker", "dispatcher"], {}, 2, "GIGMARKET_REDIS_URL must be set"),
        (["worker", "cook"], {}, 2, "unknown worker 'cook'"),
        (["worker", "all"], {"GIGMARKET_REDIS_URL": "redis://127.0.0.1:1", "GIGMARKET_DATABASE_URL": NOWHERE},
         1, "the database cannot be used"),
        (["migrate"], {"GIGMARKET_DATABASE_URL": NOWHERE}, 1, "the database cannot be used"),
        (["migrate"], {"GIGMARKET_DATABASE_URL": "s3cret"}, 2, "GIGMARKET_DATABASE_URL: Value error, must"),
        (["serve"], {"GIGMARKET_REDIS_URL": "s3cret"}, 2, "GIGMARKET_REDIS_URL: Value error, must begin"),
        (["doctor"], {"GIGMARKET_PORT": "s3cret"}, 2, "GIGMARKET_PORT: Input should be a valid integer"),
        (["serve"], {"GIGMARKET_POLICY": '{"circle_s": -1}'}, 2,
         "GIGMARKET_POLICY: circle_s must be a whole number from 1 to 1,000,000,000, not -1"),
        (["doctor"], {"GIGMARKET_POLICY": '{"circle_s": "abc"}'}, 2, "circle_s must be a whole number"),
        (["doctor"], {"GIGMARKET_POLICY": '{"circle_every_s": 0}'}, 2, "circle_every_s must be a whole number"),
        (["doctor"], {"GIGMARKET_POLICY": '{"circle_x": 1}'}, 2, "there is no policy number 'circle_x'"),
        (["doctor"], {"GIGMARKET_SMS_GATEWAY": "s3cret.example.gov.cn"}, 2,
         "GIGMARKET_SMS_GATEWAY: must be an http or https address"),
        (["serve"], {"GIGMARKET_CALL_GATEWAY": "ftp://s3cret"}, 2, "GIGMARKET_CALL_GATEWAY: must be an http"),
        (["serve"], {"GIGMARKET_POLICY": "{s3cret"}, 2,
         'GIGMARKET_POLICY: must be JSON, such as {"circle_s": 1200}'),
        (["serve"], {"GIGMARKET_POLICY": '["s3cret"]'}, 2, "GIGMARKET_POLICY: must be JSON, such as {"),
        (["doctor"], {"GIGMARKET_ORIGINS": "https://s3cret"}, 2, "GIGMARKET_ORIGINS: must be JSON, such as ["),
        (["doctor"], {"GIGMARKET_PROXIES": "10.0.0.7"}, 2, "GIGMARKET_PROXIES: must be JSON, such as ["),
        (["migrate", "--data", "/proc/nothing"], {}, 1, "/proc/nothing: "),
        (["restore", "nowhere.db"], {}, 1, "there is no database at nowhere.db"),
        (["backup", "--out", "copy.db"], {}, 1, "there is no database at "),
        (["session", "create", "--role", "worker", "--name", "", "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "a\nb", "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "x" * 41, "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "张三", "--phone", "13800000000", "--data",
          "/proc/nothing"], {}, 1, "/proc/nothing: "),
        (["session", "create", "--role", "worker", "--name", "张三", "--phone", "1380000000²"], {}, 2,
         "--phone must be 5 to 20 digits"),
        (["session", "create", "--role", "worker", "--name", "张三", "--phone", "++13800000000"], {}, 2,
         "--phone must be 5 to 20 digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(
    words: list[str], settings: dict[str, str], code: int, told: str, tmp_path: Path
) -> None:
    found, out, err = said(*words, GIGMARKET_DATA=str(tmp_path / "data"), **settings)
    *logged, last = err.splitlines()
    assert (found, out) == (code, "")
    assert last.startswith("gigmarket: ")
    assert told in last
    assert "Traceback" not in err
    assert "s3cret" not in err
    assert len(logged) <= 2  # a process's own log may have begun


ENDED_WHILE_LOADING = """
import os, signal, sys
from gigmarket.cli import main

class Ending:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "workers.supervisor":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Ending)
main()
"""


def test_a_server_that_is_ended_while_it_loads_ends_well(tmp_path: Path) -> None:
    words = [sys.executable, "-c", ENDED_WHILE_LOADING, "serve", "--data", str(tmp_path / "data")]
    assert ran(words) == (0, "", "")
    assert not (tmp_path / "data").exists()


def test_the_version_is_told() -> None:
    assert said("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--port", "0"],
        ["migrate"],
        ["session", "create", "--role", "staff", "--name", "王主任", "--phone", "13900000001"],
    ],
)
def test_the_database_of_a_newer_program_is_one_line(words: list[str], tmp_path: Path) -> None:
    data = {"GIGMARKET_DATA": str(tmp_path)}
    assert said("migrate", **data)[0] == 0
    execute(tmp_path / "gigmarket.db", "UPDATE alembic_version SET version_num = '9999'")

    code, out, err = said(*words, **data)

    newer = "this database is newer than this program (9999): use the newer program, or restore a backup"
    assert (code, out, err) == (1, "", f"gigmarket: {newer}\n")


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["migrate"], ["doctor"]])
def test_a_driver_that_is_not_installed_is_named(words: list[str], tmp_path: Path) -> None:
    # As on a machine without the extra: the import fails.
    without = (
        "import sys; sys.modules['psycopg'] = None; sys.argv[0] = 'gigmarket';"
        "from gigmarket.cli import main; main()"
    )
    settings = {"GIGMARKET_DATA": str(tmp_path), "GIGMARKET_DATABASE_URL": NOWHERE}
    code, out, err = ran([sys.executable, "-c", without, *words], **settings)

    told = "PostgreSQL needs a driver: pip install 'gigmarket[postgres]'"
    assert code == 1
    assert "Traceback" not in err
    if words == ["doctor"]:
        assert f"FAIL database: {told}\n" in out
        assert f"FAIL postgresql driver: {told}\n" in out
    else:
        assert (out, err) == ("", f"gigmarket: {told}\n")


def test_the_doctor_asks_the_live_store(tmp_path: Path, valkey_url: str) -> None:
    data = {"GIGMARKET_DATA": str(tmp_path)}
    code, out, _ = said("doctor", GIGMARKET_REDIS_URL="redis://127.0.0.1:1", **data)
    assert (code, "FAIL live store: " in out) == (1, True)
    code, out, _ = said("doctor", GIGMARKET_REDIS_URL=valkey_url, **data)
    assert (code, "ok   live store: external, by GIGMARKET_REDIS_URL: version 7" in out) == (0, True)
    code, out, _ = said("doctor", **data)
    assert (code, "ok   live store: the embedded Valkey starts" in out) == (0, True)
