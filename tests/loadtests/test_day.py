"""The benchmark `day`: its shape, its table and its plot. Never its numbers."""

from xml.etree import ElementTree

from loadtests.scenarios.day import TINY, plot, readme_table, run


def test_a_day_has_its_table_and_its_plot() -> None:
    result = run(TINY)
    assert result.keys() == {"name", "value", "floor", "ratio", "unit", "detail"}
    detail = result["detail"]
    assert [line.split("|")[1].strip() for line in readme_table(detail).splitlines()[2:]] == [
        "clustered",
        "**mean of these**",
        "even *",
    ]
    texts = [text.text for text in ElementTree.fromstring(plot(detail)).iter() if text.text]
    assert {"clustered", "even *", "seats ×", "mean travel ×", "p90 wait ×"} <= set(texts)
