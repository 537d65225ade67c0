"""The city's own table of residents, read with care."""

from pathlib import Path

import pytest

from gigmarket.travel.residents import BadResidents, load_residents


def written(folder: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path = folder / "residents.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_places_and_people_are_read_and_other_columns_left(tmp_path: Path) -> None:
    path = written(tmp_path, "村,lat,lng,people\n甲,28.05,115.54,120\n乙,28.1,115.6,3.5\n")
    assert load_residents(path) == ((28.05, 115.54, 120.0), (28.1, 115.6, 3.5))
    assert load_residents(written(tmp_path, "lat,lng,people\n")) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lat,lng\n1,2\n", "line 1: missing column people"),
        ("", "line 1: missing column lat, lng, people"),
        ("lat,lng,people\n1,2,3\n91,2,3\n", "line 3: latitude"),
        ("lat,lng,people\n1,2,-3\n", "line 2: people must be a number from 0"),
        ("lat,lng,people\n1,2,nan\n", "line 2: people must be a number from 0"),
        ("lat,lng,people\n1,2\n", "line 2: people must be a number, not None"),
        ("lat,lng,people\n1,x,3\n", "line 2: lng must be a number, not 'x'"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadResidents, match=said):
        load_residents(written(tmp_path, text))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadResidents, match="can't be read"):
        load_residents(tmp_path / "nothing.csv")
    with pytest.raises(BadResidents, match="not UTF-8"):
        load_residents(written(tmp_path, "lat,lng,people,村\n", "gb18030"))
