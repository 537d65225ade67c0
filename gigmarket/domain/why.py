"""为什么是我, 为什么没有我: one plain sentence for every verdict, from the numbers that decided.

A worker never learns another's name, place or share of work: of whoever went first only whole minutes of travel
are said, and whether the wait was longer or about the same.
"""

from collections.abc import Callable

from gigmarket.domain import trade as trades
from gigmarket.domain.geo import Mode
from gigmarket.domain.sentence import Sentence, minutes, spoken_span, yuan
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why_facts import Facts

ALIKE_WAIT_S = 600
"""Waits that differ by less are "about the same"."""
WORTH_SAYING_S = 300
"""A wait shorter than this is not mentioned."""

MODES: dict[Mode, tuple[str, str]] = {
    Mode.WALK: ("走路", "on foot"),
    Mode.BICYCLE: ("骑自行车", "by bicycle"),
    Mode.EBIKE: ("骑电动车", "by e-bike"),
    Mode.MOTORBIKE: ("骑摩托车", "by motorbike"),
    Mode.CAR: ("开车", "by car"),
}


def for_worker(facts: Facts) -> Sentence:
    """The reason as its own worker reads it on a phone."""
    said = _SAID[facts.verdict](facts)
    if facts.recorded or facts.verdict is Verdict.OFFERED:
        return said
    return Sentence(f"按现在的情况：{said.zh}", f"As things stand: {said.en}")


def for_employer_of_offer(travel_s: float) -> Sentence:
    """Why this worker was asked, for the employer: nothing about the worker but minutes of travel."""
    n = minutes(travel_s)
    return Sentence(
        f"工种合适，时间对得上，到工地约 {n} 分钟，所以先问这一位。",
        f"The right trade, free at the time, about {n} minutes away: hence asked first.",
    )


def for_staff(facts: Facts) -> Sentence:
    """The deciding reason in a few words, for a desk that knows the rules."""
    zh, en = _SHORT[facts.verdict]
    if facts.verdict is Verdict.OFFERED and not facts.recorded:
        zh, en = "合适，没有什么拦着", "suitable, nothing forbids it"
    if facts.verdict is Verdict.OTHERS_FIRST and facts.by_draw:
        zh, en = "合适，条件一样，抽签没抽到", "suitable and alike, lost the draw"
    way, span = _way_for_staff(facts), spoken_span(facts.waited_s)
    if way is None:
        return Sentence(zh, en)
    return Sentence(f"{zh}；{way.zh}，已等 {span.zh}", f"{en}; {way.en}, waited {span.en}")


def _way_for_staff(facts: Facts) -> Sentence | None:
    """Minutes of travel, beside those allowed where that decided; a round looks no further than these."""
    limit = minutes(facts.limit_s)
    outside = facts.verdict is Verdict.OUTSIDE_CIRCLE
    if facts.travel_s is None:
        return Sentence(f"路上超过 {limit} 分钟", f"more than {limit} minutes away") if outside else None
    n = minutes(facts.travel_s)
    said = Sentence(f"路上 {n} 分钟", f"{n} minutes away")
    return Sentence(f"{said.zh}，范围 {limit} 分钟", f"{said.en} of {limit} allowed") if outside else said


def by_hand(reason: str) -> Sentence:
    """An offer that a desk made, with the reason it gave, for the worker and for desks."""
    return Sentence(f"由工作人员安排，理由：{reason}", f"Placed by hand by staff: {reason}")


def for_employer_by_hand(travel_s: float) -> Sentence:
    """The same for the employer, without the reason: it is about the worker."""
    n = minutes(travel_s)
    return Sentence(
        f"由零工市场的工作人员安排，到工地约 {n} 分钟。",
        f"Placed by the market's staff, about {n} minutes away.",
    )


def forgotten(travel_s: float) -> Sentence:
    """An offer whose round left no record, or whose record is older than the days they are kept."""
    n = minutes(travel_s)
    return Sentence(
        f"这份活当时的详细记录已经没有了（只保留 90 天）。还记得的是：路上约 {n} 分钟。",
        f"The record of that round is gone (kept for 90 days). What is known: about {n} minutes away.",
    )


def _way(facts: Facts) -> Sentence:
    zh, en = MODES[facts.mode]
    if facts.travel_s is None:
        return Sentence(f"您{zh}过去", f"Going {en}, you")
    n = minutes(facts.travel_s)
    return Sentence(f"您{zh}过去约 {n} 分钟", f"You are about {n} minutes away {en}")


def _trade(facts: Facts) -> Sentence:
    known = trades.BY_CODE.get(facts.trade)
    zh, en = (known.zh, known.en.lower()) if known else ("别的工种", "another trade")
    return Sentence(
        f"这份活要的是“{zh}”，您的资料里没有这一样。会做的话，在“我”里加上就行。",
        f"This work is for a {en}, which is not among your trades. If you can do it, add it under “Me”.",
    )


def _outside(facts: Facts) -> Sentence:
    limit = minutes(facts.limit_s)
    if facts.travel_s is None:
        return Sentence(
            f"{_way(facts).zh}要超过 {limit} 分钟，不在这份活的找人范围里。",
            f"{_way(facts).en} would need more than {limit} minutes: outside this gig's circle.",
        )
    return Sentence(
        f"{_way(facts).zh}，这份活只找 {limit} 分钟以内的人。",
        f"{_way(facts).en}; this gig asks people within {limit} minutes.",
    )


def _too_late(facts: Facts) -> Sentence:
    return Sentence(
        f"{_way(facts).zh}，到的时候已经过了最晚到岗时间。",
        f"{_way(facts).en}: you would arrive after the latest time to begin.",
    )


def _wage(facts: Facts) -> Sentence:
    floor = yuan(facts.floor_fen)
    pay_zh, pay_en = "的工钱", "pays"
    if facts.pay_fen is not None:
        pay_zh, pay_en = f"一共 {yuan(facts.pay_fen)}，", f"pays {yuan(facts.pay_fen)} in all,"
    return Sentence(
        f"这份活{pay_zh}低于您定的最低 {floor}。想接这样的活，可以在“我”里改。",
        f"This gig {pay_en} less than your least pay of {floor}. You can change that under “Me”.",
    )


def _resting(facts: Facts) -> Sentence:
    day, span = facts.policy.daily_work_s // 3600, facts.policy.continuous_work_s // 3600
    return Sentence(
        f"加上这份活就太累了：一天最多 {day} 小时，连着干 {span} 小时要歇一歇。歇好了再为您找。",
        f"It would be too much: at most {day} hours a day, and a rest after {span}. Then we look again.",
    )


def _others_first(facts: Facts) -> Sentence:
    if facts.first_travel_s is None or facts.travel_s is None:
        if facts.by_draw and facts.alike > 1:
            n = facts.alike
            return Sentence(
                f"条件一样的有 {n} 个人，由公开的抽签决定，这次没抽到您，谁都可以核对。接着为您找。",
                f"{n} of you were alike, so the open draw decided, this time not for you; anyone can check.",
            )
        return Sentence(
            "这一轮先问了别人：更近，或者等得更久，或者另有更合适您的活。系统接着为您找。",
            "Others went first: nearer, or waiting longer, or other work suits you better. We keep looking.",
        )
    theirs, yours = minutes(facts.first_travel_s), minutes(facts.travel_s)
    said = Sentence(
        f"接到这份活的人路上约 {theirs} 分钟，您约 {yours} 分钟；",
        f"Whoever got it was about {theirs} minutes away, you about {yours};",
    )
    return said + (_compared(facts) if facts.recorded else _counted(facts))


def _counted(facts: Facts) -> Sentence:
    return Sentence(
        f"合适的有 {facts.fitting} 人，先问了 {facts.asked} 人。",
        f"{facts.fitting} fitted, {facts.asked} were asked first.",
    )


def _compared(facts: Facts) -> Sentence:
    longer_s = facts.first_waited_s - facts.waited_s
    if facts.by_draw:
        return Sentence(
            "条件一样，由公开的抽签决定，谁都可以核对。", "you were alike, so the open draw decided."
        )
    if longer_s > ALIKE_WAIT_S:
        return Sentence("那位等活比您久。", "they had waited longer than you.")
    if (facts.first_travel_s or 0.0) > (facts.travel_s or 0.0):
        return Sentence(
            "大家的活要匀着派，这次先轮到活少的人。", "work is shared: those with less of it went first."
        )
    if longer_s < -ALIKE_WAIT_S:
        return Sentence(
            "您等得更久，这回路程差得多一些。继续为您找。",
            "you waited longer, but this time the way counted.",
        )
    return Sentence("等活时间相近。", "the waits were about the same.")


def _offered(facts: Facts) -> Sentence:
    if not facts.recorded:
        return Sentence(
            "现在没有什么拦着您：下一轮派活会把您算进去，按路程、等候和大家的活多活少来排。",
            "Nothing keeps you from it: the next round counts you in, by travel, waiting and work had so far.",
        )
    if facts.waited_s >= facts.policy.starving_after_s:
        span = spoken_span(facts.waited_s)
        return Sentence(
            f"您已经等了 {span.zh}，等得久的先问。", f"You waited {span.en}: the longest wait goes first."
        )
    way = _way(facts) if facts.travel_s is not None else Sentence("您离得不远", "You are not far away")
    waited = Sentence("", "")
    if facts.waited_s >= WORTH_SAYING_S:
        span = spoken_span(facts.waited_s)
        waited = Sentence(f"，已经等了 {span.zh}", f", have waited {span.en}")
    return Sentence(
        f"{way.zh}{waited.zh}，工种和时间都合适，所以先问您。",
        f"{way.en}{waited.en}, and trade and hours fit: hence you are asked first.",
    )


_SAID: dict[Verdict, Callable[[Facts], Sentence]] = {
    Verdict.TRADE: _trade,
    Verdict.OUTSIDE_CIRCLE: _outside,
    Verdict.OFFERED_ELSEWHERE: lambda _: Sentence(
        "您手上另有一份活等您答复，所以没有再派这份。",
        "Another offer is waiting for your answer, so this one was not made.",
    ),
    Verdict.LEFT: lambda _: Sentence(
        "您没有在找活，或者您说好的找活时间已经过了。",
        "You were not looking for work, or the hours you named were over.",
    ),
    Verdict.DECLINED: lambda _: Sentence(
        "这份活已经问过您，不再重复问。不影响派别的活。",
        "You were asked about this gig already. It does not count against you.",
    ),
    Verdict.ENGAGED: lambda _: Sentence(
        "您正在干活。快干完的时候，再为您找下一个。",
        "You are at work. Shortly before you finish we look for the next.",
    ),
    Verdict.HOURS: lambda _: Sentence(
        "时间和您已经接下的活碰上了（路上的时间也算）。",
        "The hours meet work you have taken already, travel included.",
    ),
    Verdict.RESTING: _resting,
    Verdict.TOO_LATE: _too_late,
    Verdict.WAGE: _wage,
    Verdict.CREW_WANTED: lambda facts: Sentence(
        f"这份活要至少 {facts.least_party} 个人结伴来。有同伴的话，在“我”里结伴找活。",
        f"This gig is for at least {facts.least_party} who come together; find them under “Me”.",
    ),
    Verdict.TOGETHER: lambda _: Sentence(
        "您是结伴找活的，要去一起去。这份活眼下不是人人合适，或者空位不够。想自己接，在“我”里退出结伴。",
        "You look for work together: all or none. This gig does not suit each of you, or has too few seats.",
    ),
    Verdict.OTHERS_FIRST: _others_first,
    Verdict.HELD: lambda _: Sentence(
        "您合适，已经想到您了。开工还早，先看看有没有离您更近的活，不会误您的工。",
        "You fit and are kept in mind. There is time: we first see whether something nearer comes up for you.",
    ),
    Verdict.OFFERED: _offered,
}

_SHORT: dict[Verdict, tuple[str, str]] = {
    Verdict.TRADE: ("工种不对", "wrong trade"),
    Verdict.OUTSIDE_CIRCLE: ("超出路程范围", "outside the circle"),
    Verdict.OFFERED_ELSEWHERE: ("手上有别的邀约", "holds another offer"),
    Verdict.LEFT: ("不在找活", "not looking for work"),
    Verdict.DECLINED: ("这个活已问过", "asked about this gig before"),
    Verdict.ENGAGED: ("正在干活", "at work"),
    Verdict.HOURS: ("时间和已接的活冲突", "hours meet other work"),
    Verdict.RESTING: ("该休息", "due for a rest"),
    Verdict.TOO_LATE: ("赶不上最晚到岗", "would come too late"),
    Verdict.WAGE: ("低于本人最低工钱", "below the worker's least pay"),
    Verdict.CREW_WANTED: ("要结伴来的", "wanted: a crew"),
    Verdict.TOGETHER: ("结伴的不能都来", "not all of the crew can come"),
    Verdict.OTHERS_FIRST: ("合适，别人在前", "suitable, others went first"),
    Verdict.HELD: ("合适，暂时留着", "suitable, held back"),
    Verdict.OFFERED: ("已派", "offered"),
}
