"""Names in the environment that are no settings, and those that only look so."""

import re
from pathlib import Path

from gigmarket.settings import Settings, unknown

ROOT = Path(__file__).parents[1]


def test_a_misspelt_name_is_told_with_the_one_it_may_be_meant_for() -> None:
    assert unknown({"GIGMARKET_SMS_GATEWY": "https://s3cret", "gigmarket_port": "8000", "PATH": "/bin"}) == (
        "no such settings, so they change nothing: GIGMARKET_SMS_GATEWY (is it GIGMARKET_SMS_GATEWAY?)"
    )
    assert unknown({"GIGMARKET_XYZZY", "GIGMARKET_HOSTS"}) == (
        "no such settings, so they change nothing: GIGMARKET_HOSTS (is it GIGMARKET_HOST?), GIGMARKET_XYZZY"
    )


def test_what_the_program_and_its_tests_are_told_themselves_is_known() -> None:
    files = [*ROOT.glob("gigmarket/**/*.py"), *ROOT.glob("workers/*.py"), *ROOT.glob("loadtests/**/*.py")]
    files += [*ROOT.glob("tests/**/*.py"), ROOT / "Makefile"]
    named = {
        name
        for file in files
        if file != Path(__file__)
        for name in re.findall(r"GIGMARKET_[A-Z_]*[A-Z]", file.read_text("utf-8"))
    }
    assert len(named) > 20
    # Misspelt on purpose, to see a start that says so.
    assert unknown(named - {"GIGMARKET_SMS_GATEWY"}) is None


def test_lists_and_objects_come_as_json_or_as_they_are() -> None:
    settings = Settings(origins=["https://a.cn"], policy={"circle_s": 1200})
    assert (settings.origins, settings.policy) == (["https://a.cn"], {"circle_s": 1200})
