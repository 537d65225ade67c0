"""The command line says in one line what it cannot do, and never shows where in the program that was."""

import subprocess
from pathlib import Path

import pytest

from tests.serving import command, environment

NOWHERE = "postgresql://nobody:s3cret@127.0.0.1:1/nothing"


def said(*words: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    ran = subprocess.run(
        command(*words), env=environment(**settings), capture_output=True, text=True, timeout=120, check=False
    )
    return ran.returncode, ran.stdout, ran.stderr


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
        (["migrate", "--data", "/proc/nothing"], {}, 1, "/proc/nothing: "),
        (["session", "create", "--role", "worker", "--name", "", "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "a\nb", "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "x" * 41, "--phone", "13800000000"], {}, 2,
         "--name must be"),
        (["session", "create", "--role", "worker", "--name", "张三", "--phone", "13800000000", "--data",
          "/proc/nothing"], {}, 1, "/proc/nothing: "),
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


def test_the_doctor_asks_the_live_store(tmp_path: Path, valkey_url: str) -> None:
    data = {"GIGMARKET_DATA": str(tmp_path)}
    code, out, _ = said("doctor", GIGMARKET_REDIS_URL="redis://127.0.0.1:1", **data)
    assert (code, "FAIL live store: " in out) == (1, True)
    code, out, _ = said("doctor", GIGMARKET_REDIS_URL=valkey_url, **data)
    assert (code, "ok   live store: external, by GIGMARKET_REDIS_URL: version 7" in out) == (0, True)
    code, out, _ = said("doctor", **data)
    assert (code, "ok   live store: the embedded Valkey starts" in out) == (0, True)
