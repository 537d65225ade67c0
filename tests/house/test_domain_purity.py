"""The domain cannot wait, read a clock, draw, log or do I/O: its syntax trees hold nothing that could."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "gigmarket" / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

BANNED_MODULES = {
    *(
        "asyncio",
        "concurrent",
        "contextvars",
        "importlib",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
    ),
    *("secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile"),
    *("threading", "time", "http", "urllib", "warnings"),
}
BANNED_NAMES = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7"),
}
BANNED_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
# Sources of randomness, and the one name of each that may stand in an annotation: callers bring the instance.
GENERATORS = {"random": "random.Random", "numpy.random": "numpy.random.Generator"}


def impurities(source: str) -> list[str]:
    """Everything in `source` that the domain may not do, as "line: what"."""
    tree = ast.parse(source)
    known = _imported_names(tree)
    return [f"{line}: {what}" for line, what in sorted(set(_findings(tree, known)))]


def _imported_names(tree: ast.AST) -> dict[str, str]:
    """Local name → dotted path it was imported from."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = _root(alias.name)
                known[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def _findings(tree: ast.AST, known: dict[str, str]) -> Iterator[tuple[int, str]]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield line, "async"
        elif isinstance(node, ast.comprehension) and node.is_async:
            yield node.target.lineno, "async"
        elif isinstance(node, ast.Import):
            yield from ((line, alias.name) for alias in node.names if _root(alias.name) in BANNED_MODULES)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from _from_import(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield line, f"{node.func.id}()"
        elif isinstance(node, ast.Name | ast.Attribute):
            path = _dotted(node, known) or ""
            if path in BANNED_NAMES or _draws(path, called=id(node) in called):
                yield line, path


def _from_import(node: ast.ImportFrom) -> Iterator[tuple[int, str]]:
    module = node.module or ""
    for alias in node.names:
        path = f"{module}.{alias.name}"
        if _root(module) in BANNED_MODULES or path in BANNED_NAMES or _draws(path, called=False):
            yield node.lineno, path


def _draws(path: str, *, called: bool) -> bool:
    """Whether `path` is a source of randomness, or a generator made on the spot."""
    home = path.rpartition(".")[0]
    return home in GENERATORS and (path != GENERATORS[home] or called)


def _root(module: str) -> str:
    return module.partition(".")[0]


def _dotted(node: ast.expr, known: dict[str, str]) -> str | None:
    """The imported path an expression names, or None if it starts at anything but an import."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value, known)):
        return f"{owner}.{node.attr}"
    return None


def test_the_domain_is_there() -> None:
    assert MODULES


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(DOMAIN).as_posix())
def test_module_is_pure(module: Path) -> None:
    assert impurities(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from datetime import datetime\nat = datetime.now()", "2: datetime.datetime.now"),
        ("from datetime import datetime as dt, UTC\nat = dt.now(UTC)", "2: datetime.datetime.now"),
        ("import datetime\nat = datetime.datetime.utcnow()", "2: datetime.datetime.utcnow"),
        ("import datetime as d\nclock = d.datetime.now", "2: datetime.datetime.now"),
        ("from datetime import date\nday = date.today()", "2: datetime.date.today"),
        ("import time", "1: time"),
        ("from time import monotonic", "1: time.monotonic"),
        ("def f():\n    import time as t", "2: time"),
        ("import random\nx = random.random()", "2: random.random"),
        ("import random\nrng = random.Random(7)", "2: random.Random"),
        ("from random import Random\nrng = Random()", "2: random.Random"),
        ("from random import shuffle", "1: random.shuffle"),
        ("import numpy as np\nx = np.random.default_rng()", "2: numpy.random.default_rng"),
        ("from numpy.random import default_rng", "1: numpy.random.default_rng"),
        ("async def f(): ...", "1: async"),
        ("async def f():\n    await g()", "2: async"),
        ("async def f():\n    return [x async for x in g()]", "2: async"),
        ("text = open('x').read()", "1: open()"),
        ("print('offered')", "1: print()"),
        ("import logging", "1: logging"),
        ("import os.path", "1: os.path"),
        ("from os import environ", "1: os.environ"),
        ("from pathlib import Path", "1: pathlib.Path"),
        ("import asyncio", "1: asyncio"),
        ("import socket", "1: socket"),
        ("import uuid\nx = uuid.uuid4()", "2: uuid.uuid4"),
        ("from uuid import uuid4", "1: uuid.uuid4"),
        ("import secrets", "1: secrets"),
    ],
)
def test_impurity_is_found(source: str, found: str) -> None:
    assert found in impurities(source)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, timedelta\ndef f(now: datetime):\n    return now + timedelta(1)",
        "from datetime import time\nopens = time(7)",
        "from random import Random\ndef f(rng: Random) -> float:\n    return rng.random()",
        "import random\ndef f(rng: random.Random) -> float:\n    return rng.random()",
        "import numpy as np\ndef f(rng: np.random.Generator):\n    return rng.random()",
        "from uuid import UUID",
        "def f(command):\n    return command.now",
        "from .offer import time",
    ],
)
def test_purity_is_left_alone(source: str) -> None:
    assert impurities(source) == []
