"""One plain sentence for every verdict."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain import trade as trades
from gigmarket.domain.explanation import Considered, Explanation, Lot
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.sentence import Sentence, minutes, spoken_span, yuan
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why import for_employer_of_offer, for_staff, for_worker, forgotten
from gigmarket.domain.why_facts import Facts, facts_of, facts_of_lot
from gigmarket.domain.worker import Worker
from tests.domain.samples import POLICY, gig

LONGEST_ZH, LONGEST_EN = 64, 125
ME, OTHER = WorkerId("w-me"), WorkerId("w-other")
WORKER = Worker(ME, "张三", frozenset({"porter"}), Mode.EBIKE, 20_000)

anything = st.builds(
    Facts,
    verdict=st.sampled_from(Verdict),
    mode=st.sampled_from(Mode),
    trade=st.sampled_from([*trades.BY_CODE, "unknown"]),
    travel_s=st.none() | st.floats(0, 1800),
    limit_s=st.floats(60, 1800),
    waited_s=st.floats(0, 90_000),
    pay_fen=st.none() | st.integers(1, 1_000_000),
    floor_fen=st.integers(0, 1_000_000),
    first_travel_s=st.none() | st.floats(0, 1800),
    first_waited_s=st.floats(0, 90_000),
    by_draw=st.booleans(),
    alike=st.integers(0, 50_000),
    fitting=st.integers(0, 50_000),
    asked=st.integers(0, 50),
    recorded=st.booleans(),
)


def person(
    worker: WorkerId = ME, verdict: Verdict = Verdict.OTHERS_FIRST, travel_s: int = 660, **changes: float
) -> Considered:
    """Somebody who waited half an hour, eleven minutes away."""
    usual = Considered(worker, verdict, travel_s, 700.0, 180.0, 1800, 0.4, 0.5, 7)
    return replace(usual, **changes)  # type: ignore[arg-type]


def explanation(*people: Considered) -> Explanation:
    """A round that considered these."""
    at = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
    return Explanation(GigId("g1"), at, "1.1", "ab", 1, 900, False, {Verdict.OFFERED: 1}, people)


def told(*people: Considered, me: Considered) -> Sentence:
    """What the worker reads about a round."""
    return for_worker(facts_of(explanation(me, *people), me, gig(), WORKER, POLICY))


@given(anything)
def test_every_verdict_has_a_short_sentence_for_its_worker(facts: Facts) -> None:
    said = for_worker(facts)
    assert said.zh.endswith("。")
    assert said.en.endswith(".")
    assert len(said.zh) <= LONGEST_ZH, said.zh
    assert len(said.en) <= LONGEST_EN, said.en
    assert not {"{", "None", "nan", "inf"} & set(said.zh.split() + said.en.split())


@given(anything)
def test_every_verdict_has_words_for_a_desk(facts: Facts) -> None:
    said = for_staff(facts)
    assert said.zh
    assert said.en
    assert len(said.zh) <= LONGEST_ZH


def test_a_desk_reads_how_far_outside_somebody_was() -> None:
    far = Facts(Verdict.OUTSIDE_CIRCLE, travel_s=1290, limit_s=900, waited_s=240)
    assert for_staff(far).zh == "超出路程范围；路上 22 分钟，范围 15 分钟，已等 4 分钟"
    assert for_staff(far).en == "outside the circle; 22 minutes away of 15 allowed, waited 4 minutes"
    # A round looks no further than its circle.
    unknown = Facts(Verdict.OUTSIDE_CIRCLE, limit_s=900, waited_s=240)
    assert for_staff(unknown).zh == "超出路程范围；路上超过 15 分钟，已等 4 分钟"


@pytest.mark.parametrize("verdict", Verdict)
def test_nobody_is_blamed(verdict: Verdict) -> None:
    said = for_worker(Facts(verdict, trade="porter", travel_s=660, first_travel_s=360, floor_fen=1, pay_fen=1))
    for harsh in ("不合格", "拒绝", "失败", "条件差", "错误", "fail", "reject"):
        assert harsh not in said.zh + said.en


def test_the_numbers_are_in_the_sentence() -> None:
    outside = for_worker(Facts(Verdict.OUTSIDE_CIRCLE, Mode.WALK, travel_s=1290, limit_s=900))
    assert outside.zh == "您走路过去约 22 分钟，这份活只找 15 分钟以内的人。"
    wage = for_worker(Facts(Verdict.WAGE, pay_fen=18_000, floor_fen=20_050))
    assert wage.zh == "这份活一共 ¥180，低于您定的最低 ¥200.50。想接这样的活，可以在“我”里改。"
    trade = for_worker(Facts(Verdict.TRADE, trade="carer"))
    assert "“护工”" in trade.zh
    assert "a carer," in trade.en
    assert "一天最多 12 小时" in for_worker(Facts(Verdict.RESTING)).zh


def test_why_me_names_way_and_wait() -> None:
    near = Facts(Verdict.OFFERED, Mode.EBIKE, travel_s=350, waited_s=1500)
    assert for_worker(near).zh == "您骑电动车过去约 6 分钟，已经等了 25 分钟，工种和时间都合适，所以先问您。"
    assert "等了" not in for_worker(replace(near, waited_s=60)).zh
    assert for_worker(replace(near, waited_s=5 * 3600)).zh == "您已经等了 5 小时，等得久的先问。"


def test_others_who_went_first_are_minutes_and_nothing_else() -> None:
    me = person()
    winner = person(OTHER, Verdict.OFFERED, 350, cost_s=400.0, waited_s=1700)
    said = told(winner, me=me)
    assert said.zh == "接到这份活的人路上约 6 分钟，您约 11 分钟；等活时间相近。"
    assert said.en == ("Whoever got it was about 6 minutes away, you about 11; the waits were about the same.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"waited_s": 9000, "cost_s": 300.0}, "那位等活比您久。"),
        ({"waited_s": 60, "cost_s": 300.0}, "您等得更久，这回路程差得多一些。继续为您找。"),
        ({"travel_s": 720, "cost_s": 300.0}, "大家的活要匀着派，这次先轮到活少的人。"),
        ({"cost_s": 696.0, "ticket": 0.1}, "条件一样，由公开的抽签决定，谁都可以核对。"),
        ({"cost_s": 694.0, "ticket": 0.9}, "等活时间相近。"),
    ],
)
def test_the_sentence_says_what_made_the_difference(changes: dict[str, float], words: str) -> None:
    winner = person(OTHER, Verdict.OFFERED, 350)
    assert told(replace(winner, **changes), me=person()).zh.endswith(words)  # type: ignore[arg-type]


def test_who_lost_to_a_crew_is_not_told_of_a_draw() -> None:
    mate = person(OTHER, Verdict.OFFERED, 350, cost_s=706.0, ticket=0.9, in_crew=True)
    alone = person(WorkerId("w-alone"), Verdict.OFFERED, 700, cost_s=696.0, ticket=0.1)
    assert "抽签" not in told(mate, me=person(cost_s=705.0)).zh
    assert "抽签" not in told(alone, me=person(in_crew=True)).zh
    said = told(mate, alone, me=person())
    assert said.zh == "接到这份活的人路上约 12 分钟，您约 11 分钟；条件一样，由公开的抽签决定，谁都可以核对。"


def test_of_several_who_went_first_the_last_one_in_is_compared() -> None:
    best = person(WorkerId("w-best"), Verdict.OFFERED, 60, cost_s=10.0)
    last = person(OTHER, Verdict.OFFERED, 350, cost_s=400.0)
    assert "路上约 6 分钟" in told(best, last, me=person()).zh


def test_without_a_known_winner_nothing_is_invented() -> None:
    assert "约" not in told(me=person()).zh


def test_rules_asked_now_say_so() -> None:
    now = Facts(Verdict.ENGAGED, recorded=False)
    assert for_worker(now).zh.startswith("按现在的情况：")
    assert for_worker(Facts(Verdict.OFFERED, recorded=False)).zh.startswith("现在没有什么拦着您")
    assert for_staff(Facts(Verdict.OFFERED, recorded=False)).zh == "合适，没有什么拦着"


def test_who_lost_after_the_round_hears_how_many_there_were() -> None:
    others = Facts(Verdict.OTHERS_FIRST, travel_s=300, first_travel_s=240, fitting=20, asked=1, recorded=False)
    assert for_worker(others).zh == (
        "按现在的情况：接到这份活的人路上约 4 分钟，您约 5 分钟；合适的有 20 人，先问了 1 人。"
    )


def test_a_lot_that_lost_is_said_to_have_lost_the_draw_between_so_many() -> None:
    last = person(OTHER, Verdict.OFFERED, 350)
    drawn = replace(explanation(last), alike=16, lots=(Lot(7, 703.0),))
    facts = facts_of_lot(drawn, gig(), WORKER, POLICY)
    assert for_worker(facts).zh == (
        "条件一样的有 16 个人，由公开的抽签决定，这次没抽到您，谁都可以核对。接着为您找。"
    )
    assert for_staff(facts).zh == "合适，条件一样，抽签没抽到"
    assert (facts.travel_s, facts.first_travel_s) == (None, 350)


def test_a_grown_circle_is_not_named_to_who_never_said_to_come_from_further() -> None:
    me = person(verdict=Verdict.OUTSIDE_CIRCLE, travel_s=1000)
    grown = replace(explanation(me), circle_s=1200)
    assert "只找 15 分钟以内" in for_worker(facts_of(grown, me, gig(), WORKER, POLICY)).zh
    further = facts_of(grown, me, gig(), replace(WORKER, reach_s=1800), POLICY)
    assert "只找 20 分钟以内" in for_worker(further).zh


def test_the_workers_own_limit_is_the_one_named() -> None:
    me = person(verdict=Verdict.OUTSIDE_CIRCLE)
    facts = facts_of(explanation(me), me, gig(), replace(WORKER, reach_s=600), POLICY)
    assert "只找 10 分钟以内" in for_worker(facts).zh


def test_an_employer_hears_minutes_only_and_a_lost_record_is_said_to_be_lost() -> None:
    assert "6 分钟" in for_employer_of_offer(350).zh
    assert "记录已经没有了" in forgotten(350).zh
    assert "90 days" in forgotten(350).en


def test_small_words() -> None:
    assert [minutes(seconds) for seconds in (0, 60, 61)] == [1, 1, 2]
    assert (spoken_span(60).en, spoken_span(120).en, spoken_span(9000).zh) == (
        "1 minute",
        "2 minutes",
        "2.5 小时",
    )
    assert (yuan(18_000), yuan(18_050)) == ("¥180", "¥180.50")
