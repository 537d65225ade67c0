"""Why a gig is not full, in steps and a sentence."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.gig import GigStatus
from gigmarket.domain.shortfall import advice, shortfall, steps
from gigmarket.domain.verdict import Verdict
from tests.domain.samples import gig

funnels = st.dictionaries(st.sampled_from(Verdict), st.integers(0, 200))


@given(funnels)
def test_steps_only_go_down_from_everybody_to_whoever_could_be_asked(funnel: Mapping[Verdict, int]) -> None:
    counts = [step.count for step in steps(funnel)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == sum(funnel.values())
    possible = (Verdict.OTHERS_FIRST, Verdict.HELD, Verdict.OFFERED)
    assert counts[-1] == sum(funnel.get(verdict, 0) for verdict in possible)


@given(st.none() | funnels, st.sampled_from(GigStatus), st.integers(0, 2), st.booleans())
def test_every_gig_has_a_short_sentence(
    funnel: Mapping[Verdict, int] | None, status: GigStatus, reserved: int, reached: bool
) -> None:
    said = shortfall(gig(status, reserved=reserved), funnel, 900, reached)
    assert said.words.zh.endswith("。")
    assert len(said.words.zh) <= 90
    assert said.words.en.endswith(".")
    assert len(said.words.en) <= 190


@pytest.mark.parametrize(
    ("funnel", "code", "words"),
    [
        (None, "no_round", "刚刚开始找人"),
        ({Verdict.TRADE: 9, Verdict.OUTSIDE_CIRCLE: 3}, "nobody_near", "15 分钟路程内，眼下没有"),
        (
            {Verdict.WAGE: 2, Verdict.ENGAGED: 3},
            "all_kept_away",
            "有 5 个对口的人：3 人正忙或已被问，2 人工钱不够",
        ),
        (
            {Verdict.HOURS: 1, Verdict.TOO_LATE: 2, Verdict.CREW_WANTED: 3, Verdict.TOGETHER: 4},
            "all_kept_away",
            "有 10 个对口的人：3 人时间不合，7 人结伴人数不合。",
        ),
        ({Verdict.HELD: 1, Verdict.WAGE: 2}, "held", "已经有合适的人选"),
        ({Verdict.OTHERS_FIRST: 1, Verdict.WAGE: 2}, "too_few", "能问的 1 人，还差 2 人"),
    ],
)
def test_the_sentence_says_what_is_missing(funnel: Mapping[Verdict, int] | None, code: str, words: str) -> None:
    said = shortfall(gig(), funnel, 900)
    assert said.code == code
    assert words in said.words.zh


def test_where_no_road_leads_that_is_the_reason_whoever_is_around() -> None:
    for funnel in (None, {Verdict.ENGAGED: 3}, {Verdict.OUTSIDE_CIRCLE: 3}):
        said = shortfall(gig(), funnel, 900, reached=False)
        assert said.code == "off_road"
        assert "300 米内没有路" in said.words.zh
    assert shortfall(gig(GigStatus.CANCELLED), None, 900, reached=False).code == "ended"


def test_a_gig_that_asks_nobody_says_why() -> None:
    assert shortfall(gig(GigStatus.CANCELLED), None, 900).code == "ended"
    assert shortfall(gig(GigStatus.FILLED, filled=2), None, 900).code == "full"
    assert shortfall(gig(GigStatus.IN_PROGRESS, filled=2), None, 900).code == "full"
    for status in (GigStatus.FILLED, GigStatus.IN_PROGRESS):  # somebody went when it was too late for another
        assert shortfall(gig(status, filled=1), None, 900).code == "begun", "it is not full"
    assert shortfall(gig(reserved=2), None, 900).words.zh == "正在问 2 人，等他们答复。"
    assert shortfall(replace(gig(), filled=1, reserved=1), None, 900).code == "asking"


def test_advice_is_what_would_help_the_most_helpful_first() -> None:
    funnel = {
        Verdict.WAGE: 2,
        Verdict.HOURS: 1,
        Verdict.TOO_LATE: 3,
        Verdict.OUTSIDE_CIRCLE: 1,
        Verdict.TRADE: 50,
    }
    assert [(each.code, each.workers) for each in advice(funnel)] == [
        ("later_start", 4),
        ("raise_pay", 2),
        ("wider_circle", 1),
    ]
    assert advice({Verdict.ENGAGED: 4}) == ()
    assert [each.words.zh for each in advice({Verdict.CREW_WANTED: 7})] == ["不要求结伴的话，能多问 7 人。"]


def test_crews_are_steps_only_where_they_decide() -> None:
    assert [step.code for step in steps({Verdict.OFFERED: 1})][-1] == "wage"
    funnel = {Verdict.OFFERED: 2, Verdict.CREW_WANTED: 3, Verdict.TOGETHER: 4}
    assert [(step.code, step.count) for step in steps(funnel)][-3:] == [
        ("wage", 9),
        ("crew", 6),
        ("together", 2),
    ]
