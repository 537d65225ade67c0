"""What a client needs to open without a network: the files its page may load, and the service worker that keeps
them. Nothing is listed by hand: the page's own links and imports say what it loads, then and later.
"""

import re
from pathlib import Path

from gigmarket.wire.codec import encode

_LINKS = re.compile(r'(?:href|src)="/static/([^"]+)"')
_MAP = re.compile(r'"([^"]+)":\s*"/static/([^"]+)"')
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORTS = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
_SCRIPTS = (".js", ".mjs")


def files_of(folder: Path, client: str) -> list[str]:
    """The paths below `folder`, sorted, of everything that `client`'s page links to or its modules import, at
    once or when asked for. Raises FileNotFoundError for an import of nothing.
    """
    page = (folder / client / "index.html").read_text("utf-8")
    names = dict(_MAP.findall(page))
    waiting = [folder / link for link in _LINKS.findall(page)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop().resolve()
        if file in found:
            continue
        found.add(file)
        if file.suffix in _SCRIPTS:
            waiting += _imported(folder, file, names)
    return sorted(str(file.relative_to(folder.resolve())) for file in found)


def _imported(folder: Path, module: Path, names: dict[str, str]) -> list[Path]:
    text = _COMMENTS.sub("", module.read_text("utf-8"))
    paths = [folder / names[name] if name in names else module.parent / name for name in _IMPORTS.findall(text)]
    return [path for path in paths if path.suffix in _SCRIPTS]


def service_worker(folder: Path, client: str, release: str) -> bytes:
    """The script a browser runs for this client's pages: what to keep, then how (`static/lib/offline.js`)."""
    files = [f"/static/{release}/{name}" for name in files_of(folder, client)]
    kept = {"client": client, "release": release, "page": f"/{client}/", "files": files}
    return b"const KEPT = " + encode(kept) + b";\n" + (folder / "lib" / "offline.js").read_bytes()
