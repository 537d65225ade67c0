"""A recorded day again: the same rules give the same day, other rules another; nothing ends in a traceback."""

import gzip
import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from gigmarket.cli import app
from gigmarket.domain.geo import Mode
from gigmarket.domain.policy import DEFAULT
from gigmarket.recording.lines import Answer, Answered, Closed, Gig, Gone, Line, Offered, Round, Work, Worker
from gigmarket.recording.reader import read
from gigmarket.simulation.days import Day
from gigmarket.simulation.made import Family, make_day
from gigmarket.simulation.recorded import RecordedDay, rebuild
from gigmarket.simulation.replay import main, replay
from gigmarket.simulation.report import figures
from gigmarket.simulation.world import Columns
from gigmarket.travel.straight_line import StraightLine
from tests.recording.market_day import market_day, record, run_live

NINE = 1_778_461_200.0
HOUR = 3600.0
GIG = Gig(NINE, "g", NINE, NINE + HOUR, NINE + 3 * HOUR, 28.06, 115.55, "porter", 1, 1, 9000)
WORKER = Worker(NINE, "w", NINE, 28.061, 115.551, Mode.EBIKE, ("porter",))
OFFER = Round(NINE + 5, 1, ("g",), (Offered("g", "w", 60.0, 60.0),))
ACCEPTED = Answered(NINE + 9, "g", "w", Answer.ACCEPTED)
END = Gone(NINE + 6 * HOUR, "nobody")


def on_grid(family: Family, seed: int) -> Day:
    """A made day whose places stand where a recording puts them."""
    day = make_day(family, seed)
    gigs = tuple(
        replace(g, site=replace(g.site, lat=round(g.site.lat, 3), lng=round(g.site.lng, 3))) for g in day.gigs
    )
    workers = tuple(
        replace(w, home=replace(w.home, lat=round(w.home.lat, 3), lng=round(w.home.lng, 3)))
        for w in day.workers
    )
    return Day(gigs, workers)


DAY = on_grid(Family(seats=60, workers=20, clusters=3, arrive=(1.0, 5.0), town_m=6000), 2)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(market_day(DAY), tmp_path_factory.mktemp("day"))


@pytest.fixture
def narrow(tmp_path: Path) -> Path:
    path = tmp_path / "narrow.toml"
    path.write_text("circle_s = 300\n")
    return path


def told(tmp_path: Path, *lines: Line) -> RecordedDay:
    """These lines, recorded and rebuilt."""
    path = record([*lines, replace(GIG, gig="last", at=NINE + 8 * HOUR, free=0)], tmp_path)
    return rebuild(read(path, pytest.fail))


def test_the_recorded_policy_gives_the_day_that_was(file: Path) -> None:
    recorded = rebuild(read(file, pytest.fail))
    sides = replay(recorded, DEFAULT, "same", StraightLine()).sides
    columns = Columns(DAY)
    before = figures(columns, run_live(columns))

    assert recorded.policy == DEFAULT
    assert list(sides) == ["happened", "recorded policy", "same"]
    assert sides["same"] == sides["recorded policy"]
    for name in ("happened", "same"):
        mine = sides[name].figures
        assert mine["seats"] == before["seats"]
        # Pseudonyms come in another order than ids, and the lower id wins a tie.
        assert mine["filled"] == pytest.approx(before["filled"], abs=2)
        assert mine["travel_s_mean"] == pytest.approx(before["travel_s_mean"], rel=0.1)
        assert mine["wait_s_p90"] == pytest.approx(before["wait_s_p90"], rel=0.2)
    assert sides["happened"].figures["filled"] == before["filled"]
    assert sides["happened"].figures["travel_s_mean"] == pytest.approx(before["travel_s_mean"], abs=0.1)
    assert sides["happened"].figures["jain"] == pytest.approx(before["jain"], abs=0.02)


def test_another_policy_gives_another_day(file: Path, narrow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(file, narrow, json=True) == 0
    found = json.loads(capsys.readouterr().out)

    assert found["policy_changed"] == {"circle_s": [900, 300]}
    assert list(found["sides"]) == ["happened", "recorded policy", "narrow"]
    wide, tight = (found["sides"][name]["figures"] for name in ("recorded policy", "narrow"))
    assert tight["filled"] < wide["filled"]
    assert tight["travel_s_p90"] <= 300
    assert "every offer is accepted" in found["said"][0]


def test_holding_is_the_live_markets(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "patient.toml"
    policy.write_text("hold_live_s = 1800\n")
    assert main(file, policy, json=True) == 0
    sides = json.loads(capsys.readouterr().out)["sides"]
    assert sides["patient"]["figures"]["wait_s_p90"] > sides["recorded policy"]["figures"]["wait_s_p90"]


def test_numbers_that_change_nothing_are_named(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "fair.toml"
    policy.write_text("waiting_weight = 5.0\nshare_weight_s = 1\nhold_ratio = 2.0\n")
    assert main(file, policy, json=True) == 0
    (said,) = [line for line in json.loads(capsys.readouterr().out)["said"] if "effect" in line]
    assert said == "without an effect on a replayed day: hold_ratio, waiting_weight"


def test_shares_of_work_add_up(file: Path, narrow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(file, narrow, json=True)
    sides = json.loads(capsys.readouterr().out)["sides"].values()
    for side in sides:
        assert list(side["groups"]) == ["group", "mode", "channel"]
        assert list(side["groups"]["group"]) == ["none", "veteran"]
        assert list(side["groups"]["channel"]) == ["hall", "phone"]
        for groups in side["groups"].values():
            for key in ("work", "available"):
                assert sum(share[key] for share in groups.values()) == pytest.approx(1, abs=0.001)


def test_without_json_it_is_a_table_that_says_what_it_assumes(
    file: Path, narrow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(file, narrow) == 0
    out = capsys.readouterr().out
    assert "circle_s: 900 → 300" in out
    assert re.search(r"^ +happened +recorded policy +narrow$", out, re.MULTILINE)
    assert "every offer is accepted at once" in out


def test_the_page_stands_alone(file: Path, narrow: Path, tmp_path: Path) -> None:
    assert main(file, narrow, plots=tmp_path / "plots") == 0
    text = (tmp_path / "plots" / "replay.html").read_text(encoding="utf-8")
    assert text.count("<svg ") == 4
    assert "<script" not in text
    assert not re.search(r"(src|href)=|url\(|@import", text)
    assert "nan" not in text
    assert "every offer is accepted" in text


def test_the_command_line_runs_it(file: Path, narrow: Path) -> None:
    done = CliRunner().invoke(app, ["replay", str(file), "--policy", str(narrow), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["day"] == "2026-05-11"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walk = 1", "there is no policy number 'walk'"),
        ("circle_s = '20'", "circle_s must be a whole number"),
        ("round_every_s = 0", "round_every_s must be a whole number from 1"),
        ("early_weight = nan", "early_weight must be a number"),
        ("=", "p.toml: "),
    ],
)
def test_a_bad_policy_is_one_line(
    text: str, said: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.toml").write_text(text)
    assert main(file, tmp_path / "p.toml") == 2
    _one_line(capsys, said)


def test_a_bad_file_is_one_line(
    file: Path, narrow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    header = orjson.loads(lines[0])
    contents = {
        "holds nothing": b"",
        "not gzip": b"text",
        "format version 9": gzip.compress(orjson.dumps({**header, "format": 9}) + b"\n"),
        "no gig with a free seat": gzip.compress(lines[0]),
        "nobody near an open gig": gzip.compress(lines[0] + next(x for x in lines if b'"t":"gig"' in x)),
        "line 2": gzip.compress(lines[0] + b"nonsense\n"),
    }
    for said, content in contents.items():
        (tmp_path / "bad").write_bytes(content)
        assert main(tmp_path / "bad", narrow) == 2
        _one_line(capsys, said)
    for path in (tmp_path / "none", tmp_path):
        assert main(path, narrow) == 2
        _one_line(capsys, str(path.name))
    assert main(file, tmp_path / "none.toml") == 2
    _one_line(capsys, "none.toml")
    assert main(file, narrow, roads=tmp_path / "none") == 2
    _one_line(capsys, "none")


def test_a_torn_file_is_replayed_as_far_as_it_goes(
    file: Path, narrow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())[:-5]))
    assert main(torn, narrow, json=True) == 0
    assert json.loads(capsys.readouterr().out)["said"][-1].endswith("was cut off and is left out")


def test_policies_of_other_releases_are_read_as_far_as_they_are_known(file: Path, tmp_path: Path) -> None:
    header, rest = gzip.decompress(file.read_bytes()).split(b"\n", 1)
    value = orjson.loads(header)
    value["policy"] = {"circle_s": 1200, "once_s": 1, "round_every_s": 0, "hold_ratio": 2}
    other = tmp_path / "other.gz"
    other.write_bytes(gzip.compress(orjson.dumps(value) + b"\n" + rest))
    recorded = rebuild(read(other, pytest.fail))
    assert asdict(recorded.policy) == {**asdict(DEFAULT), "circle_s": 1200, "hold_ratio": 2}
    assert "can not use: once_s, round_every_s" in recorded.notes[0]


def test_what_happened_is_told_by_answers(tmp_path: Path) -> None:
    recorded = told(tmp_path, GIG, WORKER, OFFER, ACCEPTED, Work(NINE + 3 * HOUR, "g", "w", 5400.0), END)
    (filled,) = recorded.happened
    assert (filled.offered - filled.posted, filled.travel_s, filled.worked_s) == (5.0, 60.0, 5400.0)
    assert (recorded.offers, recorded.accepted, recorded.rounds) == (1, 1, 1)


@pytest.mark.parametrize("answer", [Answer.DECLINED, Answer.EXPIRED, Answer.WITHDRAWN])
def test_an_offer_that_was_not_taken_fills_nothing(answer: Answer, tmp_path: Path) -> None:
    recorded = told(tmp_path, GIG, WORKER, OFFER, replace(ACCEPTED, answer=answer))
    assert recorded.happened == ()
    assert (recorded.offers, recorded.accepted) == (1, 0)


def test_a_cancelled_assignment_fills_nothing(tmp_path: Path) -> None:
    recorded = told(tmp_path, GIG, WORKER, OFFER, ACCEPTED, replace(ACCEPTED, answer=Answer.CANCELLED))
    assert recorded.happened == ()


def test_a_gig_taken_back_empty_is_no_seat_of_the_day(tmp_path: Path) -> None:
    other = replace(GIG, gig="other", headcount=3, free=3)
    recorded = told(tmp_path, GIG, other, WORKER, Closed(NINE + 60, "other"))
    assert sum(gig.headcount for gig in recorded.day.gigs) == 1
    assert "1 gigs were taken back" in recorded.notes[0]


def test_a_crew_is_taken_apart_and_that_is_said(tmp_path: Path) -> None:
    recorded = told(tmp_path, GIG, replace(WORKER, crew="c"), replace(WORKER, worker="x", crew="c"))
    assert recorded.notes == (
        "2 people looked for work with others; under both policies each is matched alone",
    )


def test_only_seats_that_were_free_are_there_to_fill(tmp_path: Path) -> None:
    recorded = told(tmp_path, replace(GIG, headcount=5, free=2), WORKER)
    assert [gig.headcount for gig in recorded.day.gigs] == [2]


def test_a_short_gap_or_one_spent_at_work_is_no_gap(tmp_path: Path) -> None:
    def at(hours: float) -> Worker:
        return replace(WORKER, at=NINE + hours * HOUR, since=NINE + hours * HOUR)

    def gone(hours: float) -> Gone:
        return Gone(NINE + hours * HOUR, "w")

    gig = replace(GIG, starts=NINE + HOUR, ends=NINE + 3 * HOUR)
    free = told(tmp_path / "a", gig, at(0), gone(0.5), at(0.9), gone(1.5), at(2.5))
    assert _hours(free) == [(0.0, 1.5), (2.5, 8.0)]
    hired = told(tmp_path / "b", gig, at(0), OFFER, ACCEPTED, gone(1.5), at(2.5))
    assert _hours(hired) == [(0.0, 8.0)]


def test_hours_named_and_hours_promised_before_bind(tmp_path: Path) -> None:
    busy = ((NINE + HOUR, NINE + 2 * HOUR),)
    recorded = told(tmp_path, GIG, replace(WORKER, until=NINE + 4 * HOUR, busy=busy))
    assert _hours(recorded) == [(0.0, 1.0), (2.0, 4.0)]
    (person,) = recorded.people.values()
    assert person.available_s == 3 * HOUR


def test_who_waited_since_yesterday_begins_with_the_recording(tmp_path: Path) -> None:
    recorded = told(tmp_path, replace(GIG, posted=NINE - 9 * HOUR), replace(WORKER, since=NINE - 20 * HOUR))
    assert _hours(recorded) == [(0.0, 8.0)]
    assert recorded.day.gigs[0].posted_at.timestamp() == NINE


def _hours(recorded: RecordedDay) -> list[tuple[float, float]]:
    return [
        ((w.available_from.timestamp() - NINE) / HOUR, (w.available_to.timestamp() - NINE) / HOUR)
        for w in recorded.day.workers
    ]


def _one_line(capsys: pytest.CaptureFixture[str], said: str) -> None:
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("gigmarket: ")
    assert len(told.err.splitlines()) == 1
    assert said in told.err
