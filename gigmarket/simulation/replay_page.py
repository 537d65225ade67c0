"""A replay as one HTML file: tables and charts as inline SVG, no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gigmarket.simulation.charts import Points, curves
from gigmarket.simulation.pages import bullets, document, grid

if TYPE_CHECKING:
    from gigmarket.simulation.replay import Replay, Side

FIGURES = {
    "seats": "名额 · seats",
    "filled": "已补上 · filled",
    "fill": "补上比例 · share filled",
    "travel_s_mean": "平均路程(秒)· mean travel, s",
    "travel_s_p90": "路程 90% 以内(秒)· travel p90, s",
    "wait_s_p90": "雇主等待 90% 以内(秒)· wait p90, s",
    "longest_wait_s": "最长等待(秒)· longest wait, s",
    "jain": "均匀程度(1 为相等)· Jain's index",
}
KINDS = {"group": "重点群体 · priority group", "mode": "出行方式 · mode", "channel": "渠道 · hall or phone"}


def write_page(found: Replay, said: Sequence[str], path: Path) -> None:
    """Write the replay as a page of its own. Raises OSError."""
    path.write_text(page(found, said), encoding="utf-8")


def page(found: Replay, said: Sequence[str]) -> str:
    """The page's text: what was changed, figures, shares of work, charts, and what was assumed."""
    changed = [[name, str(was), str(now)] for name, (was, now) in found.changed.items()]
    parts = [
        bullets(said),
        grid(["改动 · changed", "原值 · was", "新值 · now"], changed) if changed else "",
        grid(["", *found.sides], _figure_rows(found.sides)),
        grid(["工作份额 · share of work", "可用时间 · available", *found.sides], _group_rows(found.sides)),
        *charts(found),
    ]
    return document(f"重放 · Replay {found.recorded.header.day}", "zh-CN", parts)


def charts(found: Replay) -> list[str]:
    """Seats filled over the day, ways, waits, and how evenly work is shared, each as SVG."""
    header = found.recorded.header
    midnight = (header.at + header.offset_s) // 86_400 * 86_400 - header.offset_s
    offered = {
        name: sorted((one.offered - midnight) / 3600 for one in side.filled) for name, side in _all(found)
    }
    travel = {
        name: sorted(one.travel_s / 60 for one in side.filled if one.travel_s is not None)
        for name, side in _all(found)
    }
    waits = {
        name: sorted(max(0.0, one.offered - one.posted) / 60 for one in side.filled)
        for name, side in _all(found)
    }
    return [
        curves(
            "补上的名额 · Seats filled over the day",
            "hour of the day · 钟点",
            "seats · 名额",
            {name: _counted(values) for name, values in offered.items()},
            steps=True,
        ),
        curves(
            "路程 · Ways to work",
            "minutes of travel · 分钟",
            "seats per minute of travel · 名额",
            {name: _histogram(values) for name, values in travel.items()},
            steps=True,
        ),
        curves(
            "等待 · Waits from posting to offer",
            "minutes · 分钟",
            "% of filled seats offered by then",
            {name: _by_then(values) for name, values in waits.items()},
            steps=True,
        ),
        curves(
            "均匀 · How evenly work is shared (straight: everybody alike)",
            "% of people, least work per available hour first · 人",
            "% of work per available hour · 份额",
            {name: _lorenz(found, side) for name, side in _all(found)},
        ),
    ]


def _all(found: Replay) -> list[tuple[str, Side]]:
    return list(found.sides.items())


def _counted(values: Sequence[float]) -> Points:
    return [(values[0], 0.0), *((value, row + 1.0) for row, value in enumerate(values))] if values else []


def _histogram(minutes: Sequence[float]) -> Points:
    if not minutes:
        return []
    counts = [0] * (int(minutes[-1]) + 1)
    for value in minutes:
        counts[int(value)] += 1
    return [*((float(row), float(count)) for row, count in enumerate(counts)), (float(len(counts)), 0.0)]


def _by_then(minutes: Sequence[float]) -> Points:
    count = len(minutes)
    return (
        [(0.0, 0.0), *((value, 100.0 * (row + 1) / count) for row, value in enumerate(minutes))]
        if count
        else []
    )


def _lorenz(found: Replay, side: Side) -> Points:
    worked: dict[str, float] = {}
    for one in side.filled:
        worked[one.person] = worked.get(one.person, 0.0) + one.worked_s
    people = [person for person in found.recorded.people.values() if person.available_s >= 3600]
    shares = sorted(worked.get(person.name, 0.0) / person.available_s for person in people)
    total = sum(shares)
    if not total:
        return []
    points, summed = [(0.0, 0.0)], 0.0
    for row, share in enumerate(shares, start=1):
        summed += share
        points.append((100.0 * row / len(shares), 100.0 * summed / total))
    return points


def _figure_rows(sides: Mapping[str, Side]) -> list[list[str]]:
    return [
        [label, *(f"{dict(side.figures)[key]:g}" for side in sides.values())] for key, label in FIGURES.items()
    ]


def _group_rows(sides: Mapping[str, Side]) -> list[list[str]]:
    rows = []
    for kind, groups in next(iter(sides.values())).groups.items():
        for label, share in groups.items():
            work = [f"{side.groups[kind][label]['work']:.1%}" for side in sides.values()]
            rows.append([f"{KINDS[kind]}: {label} ({share['people']})", f"{share['available']:.1%}", *work])
    return rows
