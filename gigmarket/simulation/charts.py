"""Three kinds of chart as SVG text: no library, no script, readable without colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 74, 48
ROW = 26
LABELS = 120
INKS = ("#0b5cad", "#b3470b", "#2b7a3d", "#6a3d9a")
DASHES = ("", "7 4", "2 3", "9 3 2 3")
_TEXT = 'font-family="system-ui,sans-serif" font-size="13" fill="#222"'


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight scale: `least` to `most` of the data over `start` to `end` of the drawing."""

    least: float
    most: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value stands."""
        return self.start + (value - self.least) / (self.most - self.least) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """About five round values."""
        step = _round_step((self.most - self.least) / 5)
        first = math.ceil(self.least / step - 1e-9)
        return [n * step for n in range(first, math.floor(self.most / step + 1e-9) + 1)]


def curves(title: str, across: str, up: str, series: Mapping[str, Points], steps: bool = False) -> str:
    """One curve per series; `steps` for values that hold until the next one. Empty series are left out."""
    series = {name: points for name, points in series.items() if points}
    values = [point for points in series.values() for point in points] or [(0.0, 0.0)]
    x = _axis([value[0] for value in values], LEFT, WIDTH - RIGHT, 0.0 if across.startswith("min") else None)
    y = _axis([value[1] for value in values], HEIGHT - BOTTOM, TOP, 0.0)
    parts = [_frame(x, y), _words(LEFT, HEIGHT - 8, across), _words(8, TOP - 10, up)]
    for row, (name, points) in enumerate(series.items()):
        path = _path([(x.at(a), y.at(b)) for a, b in points], steps)
        parts.append(f'<path d="{path}" fill="none" {_stroke(row)}/>')
        parts.append(_key(row, name))
    return _svg(title, WIDTH, HEIGHT, parts)


def bars(title: str, across: str, rows: Mapping[str, float]) -> str:
    """A bar per entry with its value at the end; all above zero or zero."""
    height = TOP + ROW * len(rows) + 8
    x = _axis([0.0, *rows.values()], LABELS, WIDTH - 80, 0.0)
    parts = [_words(LABELS, 46, across)]
    for place, (label, value) in enumerate(rows.items()):
        top, width = TOP + ROW * place, x.at(value) - LABELS
        parts += [
            _words(8, top + 17, label),
            f'<rect x="{LABELS}" y="{top + 4}" width="{width:.1f}" height="{ROW - 8}" fill="{INKS[0]}"/>',
            _words(LABELS + width + 6, top + 17, _number(value)),
        ]
    return _svg(title, WIDTH, height, parts)


def dots(title: str, rows: Mapping[str, Mapping[str, float | None]], mark: float) -> str:
    """A row per entry with a dot per series, and a line at `mark`; None leaves its dot out."""
    names = list(dict.fromkeys(name for values in rows.values() for name in values))
    height = TOP + ROW * len(rows) + BOTTOM
    found = [value for values in rows.values() for value in values.values() if value is not None]
    x = _axis([*found, mark], LABELS, WIDTH - RIGHT, None)
    foot = height - BOTTOM
    parts = [_tick(x.at(value), foot, _number(value), TOP) for value in x.ticks()]
    parts.append(f'<path d="M{x.at(mark):.1f} {TOP}V{foot}" stroke="#222" stroke-width="1.5"/>')
    for place, (label, values) in enumerate(rows.items()):
        middle = TOP + ROW * (place + 0.5)
        parts.append(_words(8, middle + 4, label))
        for row, name in enumerate(names):
            value = values.get(name)
            if value is not None:
                parts.append(_dot(row, x.at(value), middle))
    for row, name in enumerate(names):
        parts += [_dot(row, LABELS + row * 150, 42), _words(LABELS + row * 150 + 12, 46, name)]
    return _svg(title, WIDTH, height, parts)


def _axis(values: Sequence[float], start: float, end: float, least: float | None) -> Axis:
    low = min(values) if least is None else min(least, *values)
    high = max(values)
    # A span of nothing, or of rounding errors, has no scale of its own.
    if high - low <= 1e-9 * max(1.0, abs(low), abs(high)):
        high = low + 1.0
    step = _round_step((high - low) / 5)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, start, end)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)


def _frame(x: Axis, y: Axis) -> str:
    parts = [_tick(x.at(value), HEIGHT - BOTTOM, _number(value), TOP) for value in x.ticks()]
    for value in y.ticks():
        at = y.at(value)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end" {_TEXT}>{_number(value)}</text>')
    return "".join(parts)


def _tick(at: float, foot: float, label: str, top: float) -> str:
    line = f'<path d="M{at:.1f} {top}V{foot}" stroke="#ddd"/>'
    return f'{line}<text x="{at:.1f}" y="{foot + 18}" text-anchor="middle" {_TEXT}>{label}</text>'


def _path(points: Points, steps: bool) -> str:
    (first_x, first_y), *others = points
    parts = [f"M{first_x:.1f} {first_y:.1f}"]
    parts += [f"H{a:.1f}V{b:.1f}" if steps else f"L{a:.1f} {b:.1f}" for a, b in others]
    return "".join(parts)


def _stroke(row: int) -> str:
    dash = DASHES[row % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{INKS[row % len(INKS)]}" stroke-width="2"{dashed}'


def _key(row: int, name: str) -> str:
    left = LEFT + row * 200
    return f'<path d="M{left} 38h28" {_stroke(row)}/>{_words(left + 34, 42, name)}'


def _dot(row: int, x: float, y: float) -> str:
    ink = INKS[row % len(INKS)]
    shapes = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{ink}"/>',
        f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="none" stroke="{ink}" '
        'stroke-width="2"/>',
        f'<path d="M{x:.1f} {y - 6:.1f}l6 11h-12z" fill="{ink}"/>',
        f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10" stroke="{ink}" stroke-width="2"/>',
    )
    return shapes[row % len(shapes)]


def _words(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {_TEXT}>{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.6g}" if abs(value) > 1e-9 else "0"


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(title)}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="8" y="20" font-family="system-ui,sans-serif" font-size="16" font-weight="600" '
        f'fill="#111">{escape(title)}</text>{"".join(parts)}</svg>'
    )
