"""Tells people whose position is off every road, or seems to be in another datum, while there are roads."""

from dataclasses import dataclass

from gigmarket.domain.geo import Datum, Mode, Position
from gigmarket.services.rules import Rules
from gigmarket.travel.guarded import GuardedRouter
from gigmarket.travel.off_road import REACHED_M, Finding, RoadAdvice, look
from gigmarket.wire.advice import AdviceView
from gigmarket.wire.values import PositionIn

_SOURCES = {
    Datum.WGS84: ("手机定位（GPS）", "phone positioning (GPS)"),
    Datum.GCJ02: ("高德或腾讯地图", "AMap or Tencent maps"),
    Datum.BD09: ("百度地图", "Baidu maps"),
}
_MODES = {
    Mode.WALK: ("步行", "on foot"),
    Mode.BICYCLE: ("自行车", "by bicycle"),
    Mode.EBIKE: ("电动车", "by e-bike"),
    Mode.MOTORBIKE: ("摩托车", "by motorbike"),
    Mode.CAR: ("汽车", "by car"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadRules(Rules):
    """A city's rules together with its roads, for use cases that look at positions."""

    roads: GuardedRouter


def of_worker(rules: Rules, mode: Mode, given: PositionIn) -> tuple[AdviceView, ...]:
    """Advice about where a worker says they are, for how they travel; none without roads. Below 1 ms."""
    finding = _look(rules, mode, given)
    if finding is None:
        return ()
    if finding.datum is not None:
        return (_datum_suspect(finding.datum, "选一个驿站作为位置", "choose a station as your position"),)
    zh, en = _MODES[mode]
    return (
        AdviceView(
            code=RoadAdvice.OFF_ROAD.value,
            zh=f"您的位置 300 米内没有{zh}能走的路，算不出路程，暂时派不到活。"
            "请到路边再试，或选一个驿站作为位置。",
            en=f"There is no road {en} within 300 m of your position, so no gig can reach you. "
            "Go to a road and try again, or choose a station.",
        ),
    )


def of_site(rules: Rules, given: PositionIn) -> tuple[AdviceView, ...]:
    """Advice about a gig's site; none without roads. Whoever comes walks the last metres."""
    finding = _look(rules, Mode.WALK, given)
    if finding is None:
        return ()
    if finding.datum is not None:
        return (_datum_suspect(finding.datum, "在地图上重新选点", "pick the place again"),)
    return (
        AdviceView(
            code=RoadAdvice.OFF_ROAD.value,
            zh="这个地点 300 米内没有路，系统算不出谁能按时到。请核对位置，改到最近的路口。",
            en="There is no road within 300 m of this place, so nobody can be found in time for it. "
            "Check it, or name the nearest crossing.",
        ),
    )


def site_reached(rules: Rules, site: Position) -> bool:
    """Whether a road comes near enough to a gig's site for a way to it to be known; so it is without roads."""
    metres = rules.roads.snap_m(Mode.WALK, site) if isinstance(rules, RoadRules) else None
    return metres is None or metres <= REACHED_M


def _look(rules: Rules, mode: Mode, given: PositionIn) -> Finding | None:
    if not isinstance(rules, RoadRules):
        return None
    roads = rules.roads
    return look(
        given.lat,
        given.lng,
        given.datum,
        lambda position: roads.snap_m(mode, position),
        lambda position: roads.snap_m(Mode.WALK, position),
    )


def _datum_suspect(datum: Datum, do_zh: str, do_en: str) -> AdviceView:
    zh, en = _SOURCES[datum]
    return AdviceView(
        code=RoadAdvice.DATUM_SUSPECT.value,
        zh=f"这个位置不在任何路边，像是{zh}的坐标，可能偏了几百米。请核对，或{do_zh}。",
        en=f"This position is on no street; its numbers look like those of {en}, and may be hundreds of "
        f"metres off. Please check, or {do_en}.",
        datum=datum,
    )
