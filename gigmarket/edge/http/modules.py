"""What a page loads, read from the page and its modules themselves: nothing is listed by hand.

Paths are relative to the static folder, with forward slashes.
"""

import re
from pathlib import Path

_LINKS = re.compile(r'(?:href|src)="/static/([^"]+)"')
_ENTRIES = re.compile(r'<script type="module" src="/static/([^"]+)"')
_SHEETS = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)">\n')
_MAP = re.compile(r'"([^"]+)":\s*"/static/([^"]+)"')
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_EVER = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
_AT_ONCE = re.compile(
    r"""(?:^|;)\s*(?:import\b(?!\s*\()|export\s*[{*])[^;"']*?["']([^"']+)["']""", re.MULTILINE
)
_SCRIPTS = (".js", ".mjs")


def files_of(folder: Path, client: str) -> list[str]:
    """Everything that `client`'s page links to or its modules import, at once or when asked for, sorted. Raises
    FileNotFoundError for an import of nothing.
    """
    page = (folder / client / "index.html").read_text("utf-8")
    return sorted(_reached(folder, page, _LINKS.findall(page), _EVER))


def sheets_of(page: str) -> list[str]:
    """The style sheets a page links to, in their order."""
    return _SHEETS.findall(page)


def sheet_name(client: str) -> str:
    """Where a client's style sheets are together."""
    return f"{client or 'home'}/page.css"


def with_one_sheet(page: str, name: str) -> str:
    """The page with one style sheet in the place of all of its own: a slow line pays for each request."""
    first, *others = _SHEETS.finditer(page)
    for found in reversed(others):
        page = page[: found.start()] + page[found.end() :]
    return page[: first.start(1)] + name + page[first.end(1) :]


def modules_of(folder: Path, page: str) -> list[str]:
    """The modules that must be there before the page's own runs, each once, the nearest to it first."""
    entries = _ENTRIES.findall(page)
    return [path for path in _reached(folder, page, entries, _AT_ONCE) if path not in entries]


def _reached(folder: Path, page: str, links: list[str], imports: re.Pattern[str]) -> list[str]:
    names = dict(_MAP.findall(page))
    waiting = [folder / link for link in links]
    found: dict[Path, None] = {}
    while waiting:
        file = waiting.pop(0).resolve()
        if file in found:
            continue
        found[file] = None
        if file.suffix in _SCRIPTS:
            text = _COMMENTS.sub("", file.read_text("utf-8"))
            paths = (
                folder / names[name] if name in names else file.parent / name for name in imports.findall(text)
            )
            waiting += [path for path in paths if path.suffix in _SCRIPTS]
    return [file.relative_to(folder.resolve()).as_posix() for file in found]
