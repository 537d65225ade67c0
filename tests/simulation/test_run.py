"""`gigmarket simulate` from its files to its output."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.simulation.days import write_day
from gigmarket.simulation.made import Family, make_day
from gigmarket.simulation.run import COUNTING, BadPolicy, main, read_policy, simulate
from gigmarket.travel.straight_line import StraightLine

KEYS = ["seats", "filled", "fill", "travel_s_mean", "travel_s_p90", "wait_s_p90", "jain", "longest_wait_s"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "gigs.csv", tmp_path / "workers.csv"
    write_day(make_day(Family(seats=40, workers=15, clusters=2, town_m=5000), 1), *paths)
    return paths


def test_json_has_the_figures_of_every_policy(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(*files, compare=["greedy", "fcfs"], json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["ours", "greedy", "fcfs"]
    for figures in found.values():
        assert list(figures) == [*KEYS, "rounds", "wall_s"]
        assert figures["seats"] == 40
        assert figures["fill"] == pytest.approx(figures["filled"] / 40)


def test_without_json_it_is_a_table(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(*files, compare=["greedy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ours", "greedy"]
    assert [line.split()[0] for line in lines[1:]] == [*KEYS, "rounds", "wall_s"]


def test_a_policy_file_changes_the_rules(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere.toml"
    nowhere.write_text("circle_s = 1\n")
    assert main(*files, policy=nowhere, compare=["greedy"], json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ours"]["filled"] == found["greedy"]["filled"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walk = 1", "there is no policy number 'walk'"),
        ("circle_s = 1.5", "circle_s must be a whole number from 1 to 1,000,000,000, not 1.5"),
        ("circle_s = -1", "circle_s must be a whole number from 1 to 1,000,000,000, not -1"),
        ("early_weight = true", "early_weight must be a number from 0 to 1,000,000,000, not True"),
        ("early_weight = inf", "early_weight must be a number from 0 to 1,000,000,000, not inf"),
        ("early_weight = nan", "early_weight must be a number from 0 to 1,000,000,000, not nan"),
        ("round_every_s = 0", "round_every_s must be a whole number from 1 to 1,000,000,000, not 0"),
        ("circle_s = ", "p.toml: "),
        ("policy = 3", "[policy] must be a table of numbers"),
        ("circle_s = 600\n[policy]\nearly_weight = 1\n[more]", "circle_s, more stands outside of [policy]"),
        (f"circle_s = {'9' * 5000}", "p.toml: "),
        (f"circle_s = {'[' * 20_000}", "p.toml: "),
    ],
)
def test_a_bad_policy_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(BadPolicy) as refused:
        read_policy(tmp_path / "p.toml")
    assert said in str(refused.value)


def test_policy_numbers_may_stand_in_a_table(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[policy]\nearly_weight = 1\n")
    assert read_policy(tmp_path / "p.toml").early_weight == 1
    (tmp_path / "p.toml").write_text("")
    assert read_policy(tmp_path / "p.toml") == DEFAULT


def test_a_policy_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("circle_s = 1200\n", encoding="utf-8-sig")
    assert read_policy(tmp_path / "p.toml").circle_s == 1200


def test_what_is_wrong_is_one_line_and_no_traceback(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gigs, workers = files
    assert main(workers, gigs) == 2
    assert main(tmp_path / "none.csv", workers) == 2
    assert main(gigs, workers, compare=["best"]) == 2
    assert main(gigs, workers, roads=tmp_path / "none") == 2
    assert main(gigs, workers, policy=tmp_path / "none.toml") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 5
    assert all(line.startswith("gigmarket: ") for line in told.err.splitlines())


def test_numbers_that_change_nothing_are_named(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "fair.toml"
    policy.write_text("waiting_weight = 5.0\ncircle_s = 800\nrest_s = 1200\ndaily_work_s = 3600\n")
    assert main(*files, policy=policy, json=True) == 0
    said = capsys.readouterr().err
    assert said == "gigmarket: without an effect on a simulated day: waiting_weight, daily_work_s\n"


def test_numbers_that_are_said_to_change_nothing_do_not() -> None:
    day, line = make_day(Family(seats=30, workers=8, clusters=2, town_m=5000), 3), StraightLine()
    others = {field.name: getattr(DEFAULT, field.name) * 3 + 1 for field in fields(Policy)}
    changed = replace(DEFAULT, **{name: value for name, value in others.items() if name not in COUNTING})
    first, second = (simulate(day, line, policy, ())["ours"] for policy in (DEFAULT, changed))
    assert {**first, "wall_s": 0.0} == {**second, "wall_s": 0.0}
