"""Why a gig is not full: the funnel of a round as steps, one sentence for its employer, and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass

from gigmarket.domain.gig import ENDED, Gig, GigStatus
from gigmarket.domain.sentence import Sentence, minutes
from gigmarket.domain.verdict import Verdict

BUSY = (Verdict.OFFERED_ELSEWHERE, Verdict.LEFT, Verdict.ENGAGED)
POSSIBLE = (Verdict.OTHERS_FIRST, Verdict.HELD, Verdict.OFFERED)


@dataclass(frozen=True, slots=True)
class Step:
    """How many workers are still in the running after some rules; `code` is stable."""

    code: str
    words: Sentence
    count: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Something the employer could do, and how many more workers could then be asked."""

    code: str
    words: Sentence
    workers: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The deciding fact by its stable code, in a sentence."""

    code: str
    words: Sentence


_STEPS: tuple[tuple[str, str, str, tuple[Verdict, ...]], ...] = (
    ("around", "附近找活的人", "looking for work nearby", ()),
    ("trade", "会这个工种", "of the right trade", (Verdict.TRADE,)),
    ("circle", "在路程范围内", "inside the circle", (Verdict.OUTSIDE_CIRCLE,)),
    ("free", "眼下有空", "free now", BUSY),
    ("new", "还没问过", "not asked before", (Verdict.DECLINED,)),
    ("hours", "时间对得上", "free in those hours", (Verdict.HOURS, Verdict.RESTING, Verdict.TOO_LATE)),
    ("wage", "接受这个工钱", "content with the pay", (Verdict.WAGE,)),
    ("crew", "结伴的人数够", "coming with enough others", (Verdict.CREW_WANTED,)),
    ("together", "同伴能一起来", "whose crew can come, too", (Verdict.TOGETHER,)),
)


def steps(funnel: Mapping[Verdict, int]) -> tuple[Step, ...]:
    """The funnel from everybody around down to those who could be asked; of crews only where they decide."""
    left = sum(funnel.values())
    found = []
    for code, zh, en, lost in _STEPS:
        away = sum(funnel.get(verdict, 0) for verdict in lost)
        if code in ("crew", "together") and not away:
            continue
        left -= away
        found.append(Step(code, Sentence(zh, en), left))
    return tuple(found)


def advice(funnel: Mapping[Verdict, int]) -> tuple[Advice, ...]:
    """What would let more workers be asked, the most helpful first; empty when nothing but waiting helps."""
    wage = funnel.get(Verdict.WAGE, 0)
    hours = funnel.get(Verdict.HOURS, 0) + funnel.get(Verdict.TOO_LATE, 0)
    outside = funnel.get(Verdict.OUTSIDE_CIRCLE, 0)
    alone = funnel.get(Verdict.CREW_WANTED, 0)
    found = (
        Advice(
            "raise_pay",
            Sentence(f"提高工钱，能多问 {wage} 人。", f"Higher pay would let {wage} more be asked."),
            wage,
        ),
        Advice(
            "later_start",
            Sentence(
                f"换个时间或晚点开工，能多问 {hours} 人。", f"Other hours would let {hours} more be asked."
            ),
            hours,
        ),
        Advice(
            "anybody",
            Sentence(
                f"不要求结伴的话，能多问 {alone} 人。",
                f"Without asking for a crew, {alone} more could be asked.",
            ),
            alone,
        ),
        Advice(
            "wider_circle",
            Sentence(
                f"远一点还有 {outside} 人；招得久了，范围会自己放宽，问愿意走远的人。",
                f"{outside} more are further away; the circle widens by itself for those willing to travel.",
            ),
            outside,
        ),
    )
    return tuple(sorted((each for each in found if each.workers), key=lambda each: -each.workers))


def shortfall(
    gig: Gig, funnel: Mapping[Verdict, int] | None, circle_s: float, reached: bool = True
) -> Shortfall:
    """Why the gig is not full, without anybody in it. `funnel` is None before its first round; `reached` tells
    whether a road comes near the site.
    """
    free = gig.free_seats()
    if gig.status in ENDED:
        return Shortfall(
            "ended", Sentence("这个活已经结束，不再找人。", "The gig is over: nobody is asked any more.")
        )
    if gig.filled == gig.draft.headcount:
        return Shortfall("full", Sentence("人已经招满了。", "The gig is full."))
    if gig.status is not GigStatus.OPEN:
        return Shortfall(
            "begun",
            Sentence(
                "招人的时间已经过了，不再找人。", "The time for recruiting is over: nobody is asked any more."
            ),
        )
    if free == 0:
        return Shortfall(
            "asking",
            Sentence(
                f"正在问 {gig.reserved} 人，等他们答复。",
                f"{gig.reserved} are being asked and may think it over.",
            ),
        )
    if not reached:
        return Shortfall(
            "off_road",
            Sentence(
                "这个地点 300 米内没有路，算不出谁能按时到，问不了人。请照这样再发一次，把位置改到最近的路口。",
                "There is no road within 300 m of this place, so nobody can be asked. Post it again with the "
                "nearest crossing as its place.",
            ),
        )
    if funnel is None:
        return Shortfall("no_round", Sentence("刚刚开始找人，请稍等。", "The search has only just begun."))
    return _short_of_people(funnel, free, minutes(circle_s))


def _short_of_people(funnel: Mapping[Verdict, int], free: int, circle_min: int) -> Shortfall:
    found = steps(funnel)
    near, possible = next(step.count for step in found if step.code == "circle"), found[-1].count
    if funnel.get(Verdict.HELD, 0):
        return Shortfall(
            "held",
            Sentence(
                "已经有合适的人选。开工还早，系统在看有没有更近的搭配，不会误工。",
                "Suitable workers are in mind. There is time, so a nearer match is looked for meanwhile.",
            ),
        )
    if near == 0:
        return Shortfall(
            "nobody_near",
            Sentence(
                f"{circle_min} 分钟路程内，眼下没有会这个工种又在找活的人。有人来了马上去问。",
                f"Within {circle_min} minutes nobody of this trade looks for work now. Newcomers are asked.",
            ),
        )
    if possible == 0:
        return Shortfall("all_kept_away", _kept_away(funnel, near, circle_min))
    return Shortfall(
        "too_few",
        Sentence(
            f"{circle_min} 分钟内有 {near} 个对口的人，能问的 {possible} 人，还差 {free} 人。会接着找。",
            f"{near} of this trade within {circle_min} minutes, {possible} may be asked, {free} seats free.",
        ),
    )


def _kept_away(funnel: Mapping[Verdict, int], near: int, circle_min: int) -> Sentence:
    parts = [
        (sum(funnel.get(verdict, 0) for verdict in BUSY), "正忙或已被问", "busy or being asked"),
        (funnel.get(Verdict.DECLINED, 0), "已经问过", "asked before"),
        (funnel.get(Verdict.HOURS, 0) + funnel.get(Verdict.TOO_LATE, 0), "时间不合", "without time then"),
        (funnel.get(Verdict.RESTING, 0), "该休息", "due for a rest"),
        (funnel.get(Verdict.WAGE, 0), "工钱不够", "wanting more pay"),
        (
            funnel.get(Verdict.CREW_WANTED, 0) + funnel.get(Verdict.TOGETHER, 0),
            "结伴人数不合",
            "not so many together",
        ),
    ]
    told = [part for part in parts if part[0]]
    zh = "，".join(f"{count} 人{words}" for count, words, _ in told)
    en = ", ".join(f"{count} {words}" for count, _, words in told)
    return Sentence(
        f"{circle_min} 分钟内有 {near} 个对口的人：{zh}。有人空出来马上去问。",
        f"{near} of this trade within {circle_min} minutes: {en}. Whoever becomes free is asked at once.",
    )
