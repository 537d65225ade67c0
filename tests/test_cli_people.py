"""The commands on a market's people, beside a market or without one."""

import json
from pathlib import Path

from tests.test_cli import said

PHONE = "13900000001"
WORKER = ("--role", "worker", "--phone", PHONE)


def test_one_person_is_handed_out_and_forgotten(tmp_path: Path) -> None:
    there = {"GIGMARKET_DATA": str(tmp_path)}
    assert said("session", "create", *WORKER, "--name", "张建国", **there)[0] == 0

    code, out, err = said("person", "export", *WORKER, **there)
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [(row["name"], row["phone"]) for row in told["account"]] == [("张建国", PHONE)]
    assert [row["token_hash"] for row in told["session"]] == [True]

    code, _, err = said("person", "forget", *WORKER, **there)
    assert (code, "cannot be undone" in err) == (1, True)
    assert said("person", "export", *WORKER, **there)[0] == 0
    code, out, err = said("person", "forget", *WORKER, "--yes", **there)
    assert (code, err) == (0, "")
    assert "forgotten" in out
    for command in (("export",), ("forget", "--yes")):
        code, out, err = said("person", *command, *WORKER, **there)
        assert (code, out, err) == (1, "", "gigmarket: no worker with this phone\n")
