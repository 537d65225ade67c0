"""The operator's handbook names every setting there is, with its default; so do the files of deploy/."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from gigmarket.settings import Settings

ROOT = Path(__file__).parents[2]
HANDBOOK = (ROOT / "docs" / "operating.md").read_text("utf-8")
FOR_TESTS = {"GIGMARKET_CLOCK_SKEW_S"}
"""No operator sets these."""
_ROW = re.compile(r"^\| `(GIGMARKET_\w+)` \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
_NAME = re.compile(r"\bGIGMARKET_[A-Z_]+\b")
_PATH = re.compile(r"\]\(([^)#:]+)\)")


def environment_name(field: str) -> str:
    """What a setting is called in the environment."""
    return f"GIGMARKET_{field.upper()}"


def written(default: Any) -> str:
    """A default as the table writes it: as one would set it, and nothing for what is not set."""
    if default is None:
        return ""
    if isinstance(default, bool | list | dict):
        return f"`{orjson.dumps(default).decode()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


DEFAULTS = {
    environment_name(name): written(field.get_default(call_default_factory=True, validated_data={}))
    for name, field in Settings.model_fields.items()
}


def test_the_table_has_every_setting_once_and_no_other() -> None:
    named = [row[0] for row in _ROW.findall(HANDBOOK)]
    assert sorted(named) == sorted(DEFAULTS.keys() - FOR_TESTS)


def test_the_table_has_the_defaults_in_force() -> None:
    told = {name: default.strip() for name, _, default, _ in _ROW.findall(HANDBOOK)}
    assert told == {name: default for name, default in DEFAULTS.items() if name in told}


def test_every_row_says_what_it_is() -> None:
    assert [name for name, what, _, _ in _ROW.findall(HANDBOOK) if not what.strip()] == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "deploy").iterdir()), ids=lambda file: file.name if isinstance(file, Path) else None
)
def test_what_is_installed_is_told_of_and_sets_what_there_is(file: Path) -> None:
    assert f"deploy/{file.name})" in HANDBOOK
    assert set(_NAME.findall(file.read_text("utf-8"))) <= DEFAULTS.keys()


def test_the_handbook_names_no_setting_that_is_not_there() -> None:
    assert set(_NAME.findall(HANDBOOK)) <= DEFAULTS.keys()


def test_what_the_handbook_links_to_is_there() -> None:
    links = _PATH.findall(HANDBOOK)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
