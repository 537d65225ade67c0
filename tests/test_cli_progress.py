"""A long command shows how far it is: a bar on a terminal, a plain line for each finished step elsewhere."""

import io
from pathlib import Path

from rich.console import Console

from gigmarket.cli_progress import steps_on
from tests.test_cli import said
from tests.travel.roads_town import river_town


def shown(terminal: bool) -> tuple[str, str]:
    """What stands there in the middle of a second step, and what stays at the end."""
    told = io.StringIO()
    with steps_on(Console(file=told, force_terminal=terminal, width=80, _environ={})) as tell:
        tell("counting", 0, 0)
        tell("counting", 4000, 4000)
        tell("reading", 0, 4000)
        tell("reading", 1000, 4000)
        middle = told.getvalue()
        tell("reading", 4000, 4000)
    return middle, told.getvalue()


def test_a_terminal_has_a_bar_of_known_length_for_each_step() -> None:
    _, end = shown(terminal=True)
    for step in "counting", "reading":
        last = [line for line in end.splitlines() if step in line][-1]
        assert ("━" * 40 in last, "4000/4000" in last) == (True, True)


def test_a_log_has_one_plain_line_as_each_step_is_done() -> None:
    middle, end = shown(terminal=False)
    assert middle == "counting: 4,000\n"
    assert end == "counting: 4,000\nreading: 4,000\n"


def test_a_build_whose_errors_go_to_a_file_names_its_steps_there(tmp_path: Path) -> None:
    town = river_town().write(tmp_path / "town.osm.pbf")
    code, out, err = said("roads", "build", str(town), "--out", str(tmp_path / "roads"))
    assert (code, out.startswith("35 ways")) == (0, True)
    assert err.splitlines() == [
        "counting objects: 35",
        "reading objects: 35",
        "building graphs: 5",
        "drawing kinds of lines: 9",
        "writing files: 3",
    ]
    code, out, err = said("roads", "build", str(tmp_path / "none.pbf"), "--out", str(tmp_path / "roads"))
    assert (code, out, err) == (1, "", f"gigmarket: {tmp_path / 'none.pbf'}: no such file\n")
