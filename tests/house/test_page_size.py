"""The first screen of a phone and a kiosk: what its page links to and its modules import, compressed."""

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
MOST = 60 * 1024
"""Bytes by gzip. What is imported when asked for comes after the first screen and is not in it."""
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_ONCE = re.compile(r"""^(?:import\b|export\s*[{*])[^;]*?\bfrom\s*["']([^"']+)["']""", re.MULTILINE)


def first_screen(client: str) -> set[Path]:
    """Every file that is fetched before the page can be used."""
    index = STATIC / client / "index.html"
    page = index.read_text("utf-8")
    names = dict(re.findall(r'"([^"]+)":\s*"/static/([^"]+)"', page))
    waiting = [STATIC / link for link in re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|m?js|svg))"', page)]
    found = {index}
    while waiting:
        file = waiting.pop().resolve()
        if file in found:
            continue
        found.add(file)
        if file.suffix in {".js", ".mjs"}:
            text = _COMMENTS.sub("", file.read_text("utf-8"))
            imported = _AT_ONCE.findall(text) if file.suffix == ".js" else []
            waiting += [STATIC / names[name] if name in names else file.parent / name for name in imported]
    return found


@pytest.mark.parametrize("client", ["worker", "kiosk"])
def test_the_first_screen_is_at_most_sixty_kilobytes(client: str) -> None:
    sizes = {file: len(gzip.compress(file.read_bytes(), 9)) for file in first_screen(client)}
    assert len(sizes) > 25
    assert STATIC / client / "app.js" in sizes
    total = sum(sizes.values())
    assert total <= MOST, (
        f"{total}: {sorted(((size, file.name) for file, size in sizes.items()), reverse=True)}"
    )
