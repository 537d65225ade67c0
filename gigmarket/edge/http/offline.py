"""What a client needs to open without a network: the service worker that keeps the files its page may load."""

from pathlib import Path

from gigmarket.edge.http.modules import files_of, sheet_name, sheets_of
from gigmarket.wire.codec import encode


def service_worker(folder: Path, client: str, release: str) -> bytes:
    """The script a browser runs for this client's pages: what to keep, then how (`static/lib/offline.js`)."""
    page = (folder / client / "index.html").read_text("utf-8")
    names = {*files_of(folder, client), sheet_name(client)}.difference(sheets_of(page))
    files = [f"/static/{release}/{name}" for name in sorted(names)]
    kept = {"client": client, "release": release, "page": f"/{client}/", "files": files}
    return b"const KEPT = " + encode(kept) + b";\n" + (folder / "lib" / "offline.js").read_bytes()
