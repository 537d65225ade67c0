"""Charts are well-formed SVG that needs nothing from anywhere."""

import math
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from gigmarket.simulation.charts import Axis, curves, dots

numbers = st.floats(-1e6, 1e6)
points = st.lists(st.tuples(numbers, numbers), max_size=20)


@given(st.dictionaries(st.sampled_from(["ours", "greedy", "<b>&"]), points), st.booleans())
@example({"ours": [(0.0, 1.1125369292536007e-308), (0.0, -1.0)]}, False)
def test_any_curves_are_svg(series: dict[str, list[tuple[float, float]]], steps: bool) -> None:
    text = curves("<title>", "across", "up", series, steps)
    ElementTree.fromstring(text)
    assert not any(word in text for word in ("nan", "inf", "<script", "href"))


@given(st.dictionaries(st.sampled_from("abc"), st.fixed_dictionaries({"x": st.none() | numbers})), numbers)
def test_any_dots_are_svg(rows: dict[str, dict[str, float | None]], mark: float) -> None:
    ElementTree.fromstring(dots("title", rows, mark))


def test_a_row_has_a_dot_for_each_known_value() -> None:
    text = dots("title", {"scarce": {"seats": 1.1, "travel": None}, "even": {"seats": 1.0, "travel": 0.9}}, 1.0)
    # Two in the key, three in the rows.
    assert text.count("<circle") == 3
    assert text.count("<rect") - 1 == 2


def test_ticks_are_round_and_inside() -> None:
    assert Axis(0.0, 1.0, 0, 100).ticks() == [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
    assert math.isclose(Axis(0.0, 50.0, 0, 100).at(25.0), 50.0)
