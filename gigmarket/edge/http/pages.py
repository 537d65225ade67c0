"""The web clients: plain files, a page per client, and headers that let nothing else in."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.responses import FileResponse, RedirectResponse

CLIENTS = ("kiosk", "worker", "employer", "staff", "rules")
_INLINE = re.compile(r"<script[^>]*type=\"importmap\"[^>]*>(.*?)</script>", re.DOTALL)


def static_folder() -> Path:
    """Where the web clients are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "static"
    return installed if installed.is_dir() else package.parent / "static"


def install(app: FastAPI) -> None:
    """Serve the pages and their files, and set the security headers on them."""
    folder = static_folder()
    app.mount("/static", _Files(directory=folder), name="static")
    policy = _policy(folder)
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home() -> Response:
        return _page(folder / "index.html", policy)

    for client in CLIENTS:
        page = folder / client / "index.html"

        async def show(_request: Request, page: Path = page) -> Response:
            return _page(page, policy)

        async def slash(_request: Request, client: str = client) -> Response:
            return RedirectResponse(f"/{client}/")

        router.add_api_route(f"/{client}/", show)
        router.add_api_route(f"/{client}", slash)
    app.include_router(router)


class _Files(StaticFiles):
    """Files that are asked again each time by their ETag: no stale module after an update."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _page(path: Path, policy: str) -> Response:
    return FileResponse(
        path,
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )


def _policy(folder: Path) -> str:
    """Own files only; the import maps are the only inline scripts, allowed by their hashes."""
    hashes = set()
    for page in sorted(folder.glob("**/index.html")):
        for inline in _INLINE.findall(page.read_text("utf-8")):
            hashes.add("'sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode() + "'")
    scripts = " ".join(["'self'", *sorted(hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
