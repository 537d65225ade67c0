"""Small files, small functions, names that say what is inside, nothing left for later."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
SOURCE_SUFFIXES = {".py", ".js", ".mjs", ".css", ".html", ".lua"}
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "crud", "manager", "managers", "misc"}
# Spelled so that this file does not contain what it looks for.
LEFT_FOR_LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b|raise Not" + r"Implemented")


def sources(*folders: str) -> list[Path]:
    """The source files under these top-level folders, vendored ones left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return sorted(
        p for p in found if p.suffix in SOURCE_SUFFIXES and ROOT / "static" / "vendor" not in p.parents
    )


def long_functions(source: str, limit: int = MAX_FUNCTION_LINES) -> list[str]:
    """Functions of more than `limit` lines, docstring and decorators included, as "name: lines"."""
    return [f"{name}: {lines}" for name, lines in _functions(ast.parse(source)) if lines > limit]


def _functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, (node.end_lineno or first) - first + 1


def empty_names(path: Path) -> set[str]:
    """The words of a path that name nothing: utils, common, crud …, in a folder's or a file's name."""
    words = {word for part in path.with_suffix("").parts for word in re.split(r"[_\-.]", part.lower())}
    return words & EMPTY_NAMES


def left_for_later(text: str) -> list[str]:
    """The marked lines of `text`, as "number: line"."""
    lines = enumerate(text.splitlines(), start=1)
    return [f"{number}: {line.strip()}" for number, line in lines if LEFT_FOR_LATER.search(line)]


SHIPPED = sources("gigmarket", "workers", "static")
EVERYTHING = SHIPPED + sources("loadtests", "tests")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_sources() -> None:
    assert {_name(path) for path in SHIPPED} >= {"gigmarket/__init__.py", "workers/__init__.py"}
    assert Path(__file__) in EVERYTHING


@pytest.mark.parametrize("path", SHIPPED, ids=_name)
def test_file_is_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.suffix == ".py"], ids=_name)
def test_functions_are_small(path: Path) -> None:
    assert long_functions(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", EVERYTHING, ids=_name)
def test_name_says_what_is_inside(path: Path) -> None:
    assert empty_names(path.relative_to(ROOT)) == set()


@pytest.mark.parametrize("path", EVERYTHING, ids=_name)
def test_nothing_is_left_for_later(path: Path) -> None:
    assert left_for_later(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    a = 1\n    b = 2\n    return a + b", ["f: 4"]),
        ("async def f():\n    a = 1\n    b = 2\n    return a + b", ["f: 4"]),
        ("@cache\ndef f():\n    a = 1\n    return a", ["f: 4"]),
        ("class C:\n    def m(self):\n        a = 1\n        b = 2\n        return a + b", ["m: 4"]),
        ("def f():\n    return 1", []),
    ],
)
def test_long_function_is_found(source: str, found: list[str]) -> None:
    assert long_functions(source, limit=3) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("gigmarket/utils.py", {"utils"}),
        ("gigmarket/common/geo.py", {"common"}),
        ("gigmarket/store/gig_helpers.py", {"helpers"}),
        ("gigmarket/store/crud.py", {"crud"}),
        ("static/lib/offer-manager.js", {"manager"}),
        ("gigmarket/store/offers.py", set()),
    ],
)
def test_empty_name_is_found(path: str, found: set[str]) -> None:
    assert empty_names(Path(path)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a = 1\n# TO" + "DO later", 1),
        ("// FIX" + "ME: leaks", 1),
        ("raise Not" + "ImplementedError", 1),
        ("todos = method(fixme)", 0),
    ],
)
def test_work_left_for_later_is_found(text: str, found: int) -> None:
    assert len(left_for_later(text)) == found
