"""The web clients: plain files, a page per client, and headers that let nothing else in."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import RedirectResponse

from gigmarket.edge.http.assets import Assets
from gigmarket.edge.http.modules import modules_of, sheet_name, sheets_of, with_one_sheet
from gigmarket.edge.http.offline import service_worker

CLIENTS = ("kiosk", "worker", "employer", "staff", "rules")
OFFLINE = ("kiosk", "worker")
"""These open without a network, once they were open with one."""
ENTRY = '<script type="module"'
_INLINE = re.compile(r"<script[^>]*type=\"importmap\"[^>]*>(.*?)</script>", re.DOTALL)


def static_folder() -> Path:
    """Where the web clients are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "static"
    return installed if installed.is_dir() else package.parent / "static"


def install(app: FastAPI) -> None:
    """Serve the pages and their files, and set the security headers on them."""
    folder = static_folder()
    assets = Assets(folder)
    app.mount("/static", assets, name="static")
    router = APIRouter(include_in_schema=False)

    def entry(address: str, page: Page) -> None:
        async def show(request: Request) -> Response:
            return page.answer(request)

        router.add_api_route(address, show)

    entry("/", page_of(assets, folder, ""))
    for client in CLIENTS:
        entry(f"/{client}/", page_of(assets, folder, client))

        async def slash(_request: Request, client: str = client) -> Response:
            return RedirectResponse(f"/{client}/")

        router.add_api_route(f"/{client}", slash)
    for client in OFFLINE:
        script = service_worker(folder, client, assets.release)

        async def keeper(_request: Request, script: bytes = script) -> Response:
            headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
            return Response(script, headers=headers, media_type="text/javascript")

        router.add_api_route(f"/{client}/offline.js", keeper)
    app.include_router(router)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent: plain and compressed, with what it may load."""

    body: bytes
    packed: bytes
    headers: dict[str, str]

    def answer(self, request: Request) -> Response:
        """The page, or 304 to a browser that has this one."""
        if request.headers.get("If-None-Match") == self.headers["ETag"]:
            return Response(status_code=304, headers=self.headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers = {**self.headers, "Content-Encoding": "gzip"}
            return Response(self.packed, headers=headers, media_type="text/html")
        return Response(self.body, headers=self.headers, media_type="text/html")


def page_of(assets: Assets, folder: Path, client: str) -> Page:
    """The page of a client; its own files are asked for by their release, its style sheets as one, and its
    modules all at once: a browser that finds them by reading imports asks for one layer after the other.
    """
    text = (folder / client / "index.html").read_text("utf-8")
    assets.join(sheet_name(client), sheets_of(text))
    text = with_one_sheet(text, sheet_name(client))
    early = "".join(f'<link rel="modulepreload" href="/static/{name}">\n' for name in modules_of(folder, text))
    text = text.replace(ENTRY, early + ENTRY, 1).replace('"/static/', f'"/static/{assets.release}/')
    body = text.encode()
    headers = {
        "Content-Security-Policy": _policy(text),
        "Cache-Control": "no-cache",
        # Weak: the same page is sent plain and compressed.
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Page(body, gzip.compress(body, 9, mtime=0), headers)


def _policy(text: str) -> str:
    """Own files only; the import map is the only inline script, allowed by its hash."""
    digests = (hashlib.sha256(inline.encode()).digest() for inline in _INLINE.findall(text))
    hashes = sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    scripts = " ".join(["'self'", *hashes])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
