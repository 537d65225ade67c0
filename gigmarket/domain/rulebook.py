"""The rules of dispatch in plain sentences with the numbers in force (派单规则公示), from the policy itself.

Sources: 互联网信息服务算法推荐管理规定; 平台劳动规则和算法协商指引; 新就业形态劳动者休息和劳动报酬权益保障指引.
"""

from dataclasses import asdict, dataclass

from gigmarket.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule by its code, in Chinese and in English."""

    code: str
    zh: str
    en: str


INTERNAL: dict[str, str] = {
    "fresh_s": "how the server notices a lost connection",
    "seen_every_s": "how often the server notes a connection",
    "considered_per_seat": "how many candidates a round computes: a matter of speed",
    "least_gap_s": "used in simulated days only",
    "hold_first_s": "used in simulated days only",
    "hold_ratio": "used in simulated days only",
    "hold_brake": "used in simulated days only",
    "seat_worth_s": "used in simulated days only",
    "demand_memory_s": "used in simulated days only",
    "foresight_hold_s": "used in simulated days only",
    "considered_kept": "how much of an explanation is kept by name",
    "most_wage_fen": "a guard against typing errors of employers",
    "longest_gig_s": "a guard against typing errors of employers",
    "furthest_start_s": "a guard against typing errors of employers",
}
"""Fields of the policy that the rule page does not tell, each with the reason."""

_TEMPLATES: tuple[tuple[str, str, str], ...] = (
    (
        "circle",
        "只派路上不超过 {circle_s}的活，按您平时的出行方式算；您自己说了更近的，就按您说的。",
        "You are offered work within {circle_s} of travel, by the way you usually travel, or within your "
        "own limit where that is less.",
    ),
    (
        "wider_circle",
        "还有空位的活，从发布起每过 {circle_every_s}把范围扩大 {circle_step_s}，最多到 {circle_most_s}；"
        "多出来的路，只问自己说过愿意走那么远的人。",
        "A gig with free seats widens its circle by {circle_step_s} for every {circle_every_s} since its "
        "posting, to {circle_most_s} at most; beyond the usual circle only workers are asked who said they "
        "would come from so far.",
    ),
    (
        "offer",
        "派单不抢单：一次只问一个人，座位给您留着。手机上留 {phone_offer_s}，驿站里留 {kiosk_offer_s}，"
        "可以按一次“再想想”，多留 {extend_s}。",
        "No race: a seat is offered to one person and kept. On a phone for {phone_offer_s}, at a "
        "station for {kiosk_offer_s}; once you may ask for {extend_s} more.",
    ),
    (
        "rounds",
        "有空位时，一有变化就派，至少每 {round_every_s}派一次。",
        "While seats are free there is a round whenever something changes, and at least every {round_every_s}.",
    ),
    (
        "hold",
        "找到了人的空位，可以等更合适的人：那人在 {hold_far_s}的路程以外，等到活发布后 {hold_live_s}为止；"
        "近的按路程少等，远的最多等它的 {hold_most} 倍。可以等的时候，附近有活的人，"
        "不派去又超过 {far_s}、又比附近那个远 {far_times} 倍以上的活。"
        "还有 {plenty} 个以上的人能去的，和再等就赶不上的，马上派。",
        "A seat with a worker in mind may wait for a better match: at {hold_far_s} of travel until "
        "{hold_live_s} after its posting, less where the worker is nearer, at most "
        "{hold_most} times as long where he is further. While seats may wait, who has one near is not sent "
        "beyond {far_s} and more than {far_times} times as far. Nothing waits where {plenty} or more "
        "others could come, or where waiting would make the worker late.",
    ),
    (
        "late",
        "开工以后，只派 {late_start_s}内赶得到的人；有人退出的空位再派 {refill_s}；"
        "剩下不到 {least_useful_s}的活不派。",
        "After the start a seat goes only to who arrives within {late_start_s}; a seat that comes back "
        "is offered for {refill_s}; nothing is offered with less than {least_useful_s} left to work.",
    ),
    (
        "at_work",
        "正在干活的，离收工不到 {look_ahead_s}才派下一个活，从正在干的工地算路，收工以后再去。",
        "While you are at work, the next gig is offered once the present one ends within {look_ahead_s}; the "
        "way is counted from the present site, and begins when that work ends.",
    ),
    (
        "after_work",
        "已经答应了活的，前后还可以派不冲突的活。那个活结束后 {home_after_s}以内开工的，从那个工地算路；"
        "再晚开工的，从您报的位置算。",
        "With a gig promised you may be offered others that do not clash with it. What begins within "
        "{home_after_s} of its end is counted from its site, what begins later from the place you gave.",
    ),
    (
        "cost",
        "先让最多的座位有人，再看谁更合适：路上时间越短越好；在工地早等 1 小时，算 {early_weight}的路；"
        "活长 1 小时，算 {hours_weight}的路。",
        "First as many seats as possible are filled, then who fits best: less travel is better; an "
        "hour of waiting on the site counts as {early_weight} of travel, an hour of work as {hours_weight}.",
    ),
    (
        "vacated",
        "有人退出或没来的名额先补：补上它算 {vacated_s}的路，同样的人先派给它。",
        "A seat whose worker cancelled or never came is filled first: that counts as {vacated_s} of travel.",
    ),
    (
        "share",
        "看最近 {fairness_days} 天：干活时间占可干活时间少的人排前面，相差最多算 {share_weight_s}的路，"
        "活每长 1 小时再加 {share_hours_weight}。",
        "Over the last {fairness_days} days, who had less work for the time available goes first: up to "
        "{share_weight_s} of travel, and {share_hours_weight} more per hour of the gig.",
    ),
    (
        "waiting",
        "等得久的人排前面：每等 1 小时算 {waiting_weight}的路，最多 {waiting_cap_s}。",
        "Who waits longer goes first: each hour counts as {waiting_weight} of travel, up to {waiting_cap_s}.",
    ),
    (
        "idle_days",
        "愿意干活却没有活的日子，每天算 {idle_day_s}的路，最多 {idle_cap_s}。",
        "Each day available without work counts as {idle_day_s} of travel, up to {idle_cap_s}.",
    ),
    (
        "starving",
        "等了 {starving_after_s}还没有活的人，排在所有人前面（算 {starving_s}的路），等得最久的最先。",
        "Who waited {starving_after_s} goes before everybody else (worth {starving_s} of travel), the "
        "longest first.",
    ),
    (
        "priority",
        "重点帮扶群体算 {priority_s}的路，不管属于几个群体只算一次；由窗口凭证件登记。",
        "Belonging to a priority group counts as {priority_s} of travel, once, however many groups; a "
        "clerk enters it from a document.",
    ),
    (
        "draw",
        "上面各项合起来每 {alike_s}算一档，同一档的人抽签，签小的先派。签在派单之前就封好，事后公开，"
        "人人可以重算：每份活公布有几个人抽、最后一个派到的签是多少。您自己的签在“为什么”里看，"
        "比它大的就是没抽到。结伴的整班进出，不算在抽签里。",
        "All of the above is added up in steps of {alike_s}; workers in the same step draw lots, and the "
        "lowest go first. The draw is sealed before the round and opened after it, so that anyone can check: "
        "how many drew for each gig, and the last lot that got a seat. Your own is told with the reason: "
        "higher ones lost. A crew comes whole or not at all, so its lots do not count.",
    ),
    (
        "rest",
        "一天最多干 {daily_work_s}；连续干满 {continuous_work_s}不再派，要休息满 {rest_s}。"
        "只有一个活、当天时间够的，可以更长。",
        "At most {daily_work_s} of work a day and {continuous_work_s} without a rest of {rest_s}; one "
        "gig alone may be longer if its day allows it.",
    ),
    (
        "minimum_wage",
        "按小时或按天算的工钱，每小时不得低于当地最低工资 {least_wage_fen_per_hour}，低了发不出去。",
        "Pay by the hour or day comes to at least the minimum wage of {least_wage_fen_per_hour} an hour; "
        "less cannot be posted.",
    ),
    (
        "attendance",
        "开工前 {check_in_opens_s}可以签到；开工 {no_show_opens_s}后没到的，用工方可以报缺勤；"
        "结束 {auto_check_out_s}后没签退的，按结束时间自动签退。"
        "没有网时记下的签到，收工以后补交也算。",
        "Check-in opens {check_in_opens_s} before the start; a no-show may be reported "
        "{no_show_opens_s} after it; who is still checked in {auto_check_out_s} after the end is "
        "checked out as of the end. A check-in kept without a network counts when it is handed in later.",
    ),
    (
        "presence",
        "手机断线 {forget_s}就当您休息了；在驿站签到的，{hall_fresh_s}内有效。",
        "A phone not heard of for {forget_s} counts as resting; a check-in at a station is good for "
        "{hall_fresh_s}.",
    ),
    (
        "crew",
        "结伴找活的（最多 {crew_most} 人），要么都派到同一个活，要么都不派：每个人都合适、空位够全班的，才派。"
        "由领头的一个人替大家答复，谁都可以说不去。进班的号码 {crew_code_s}内有效，随时可以退出。"
        "雇主可以只招至少几个人结伴来的；剩下的空位没有那么多了，一个人也派。",
        "Who looks for work together (at most {crew_most}) gets the same gig or none: only where each of them "
        "fits and there is a seat for each. The leader answers for all, and any of them may say no. The code "
        "that lets others in is good for {crew_code_s}; everybody may leave at any time. An employer may ask "
        "for people who come at least so many together; where fewer seats are left, one alone gets them, too.",
    ),
    (
        "explained",
        "每次派单的理由保存 {explained_days} 天，您可以问为什么，也可以申诉。",
        "The reasons of every decision are kept for {explained_days} days: you may ask why, and appeal.",
    ),
)


def rules(policy: Policy) -> tuple[Rule, ...]:
    """Every rule that this policy sets, in the order of the page; one that is off is left out: a minimum wage
    where the city set none, holding where seats are offered at once.
    """
    values = asdict(policy)
    zh = {name: _zh(name, value) for name, value in values.items()}
    en = {name: _en(name, value) for name, value in values.items()}
    off = {
        code
        for code, on in (("minimum_wage", policy.least_wage_fen_per_hour), ("hold", policy.hold_live_s))
        if not on
    }
    shown = [rule for rule in _TEMPLATES if rule[0] not in off]
    return tuple(Rule(code, mine.format(**zh), yours.format(**en)) for code, mine, yours in shown)


def told() -> frozenset[str]:
    """The fields of the policy whose numbers the sentences carry, in both languages."""
    fields = Policy.__dataclass_fields__
    return frozenset(
        name for name in fields if any(f"{{{name}}}" in zh and f"{{{name}}}" in en for _, zh, en in _TEMPLATES)
    )


def _zh(name: str, value: float) -> str:
    if "_fen" in name:
        return f"{value / 100:g} 元"
    if name.endswith("_weight"):
        return _hourly(value, ("小时", "分钟", "秒"))
    return _span(int(value), ("小时", "分钟", "秒")) if name.endswith("_s") else f"{value:g}"


def _en(name: str, value: float) -> str:
    if "_fen" in name:
        return f"{value / 100:g} yuan"
    if name.endswith("_weight"):
        return _hourly(value, ("h", "min", "s"))
    return _span(int(value), ("h", "min", "s")) if name.endswith("_s") else f"{value:g}"


def _hourly(weight: float, units: tuple[str, str, str]) -> str:
    """What an hour weighs in travel: nobody thinks in seconds of seconds."""
    return _span(round(weight * 3600), units)


def _span(seconds: int, units: tuple[str, str, str]) -> str:
    """A length of time in the fewest words: 2 小时, 1 小时 30 分钟, 90 秒 as 1 分钟 30 秒."""
    parts = (seconds // 3600, seconds % 3600 // 60, seconds % 60)
    words = [f"{amount} {unit}" for amount, unit in zip(parts, units, strict=True) if amount]
    return " ".join(words) or f"0 {units[2]}"
