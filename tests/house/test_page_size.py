"""The first screen of a phone and a kiosk: what its page links to and its modules import, compressed."""

import gzip
import re
from pathlib import Path

import pytest

from gigmarket.edge.http.modules import modules_of

STATIC = Path(__file__).parents[2] / "static"
MOST = 60 * 1024
"""Bytes by gzip. What is imported when asked for comes after the first screen and is not in it."""


def first_screen(client: str) -> set[Path]:
    """Every file that is fetched before the page can be used."""
    index = STATIC / client / "index.html"
    page = index.read_text("utf-8")
    links = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|m?js|svg))"', page)
    return {index, *(STATIC / name for name in (*links, *modules_of(STATIC, page)))}


@pytest.mark.parametrize("client", ["worker", "kiosk"])
def test_the_first_screen_is_at_most_sixty_kilobytes(client: str) -> None:
    sizes = {file: len(gzip.compress(file.read_bytes(), 9)) for file in first_screen(client)}
    assert len(sizes) > 25
    assert STATIC / client / "app.js" in sizes
    total = sum(sizes.values())
    assert total <= MOST, (
        f"{total}: {sorted(((size, file.name) for file, size in sizes.items()), reverse=True)}"
    )
