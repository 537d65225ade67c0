"""The web clients' files: compressed once, and kept by browsers for good under the name of their release."""

import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

RELEASE = re.compile(r"^(?P<release>[0-9a-f]{12})/(?P<path>.+)$")
FOR_GOOD = "public, max-age=31536000, immutable"
COMPRESSED = frozenset({".js", ".mjs", ".css", ".html", ".json", ".svg", ".webmanifest", ".ts"})
SMALL = 512
"""Bytes below which compressing saves nothing."""


class Assets(StaticFiles):
    """A folder served as `/static/…`, asked for again each time, and as `/static/RELEASE/…`, never asked again.

    A release is the digest of the whole folder, so modules of two releases never meet by a cache. A page opened
    before an update still finds its files under the old name: they are then today's, and not kept.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self.release = release_of(folder)
        self._packed: dict[tuple[str, str], bytes] = {}
        self._joined: dict[str, bytes] = {}

    def join(self, path: str, parts: Sequence[str]) -> None:
        """Serve these style sheets, one after the other, as one more at `path`. Raises FileNotFoundError."""
        folder = Path(str(self.directory))
        self._joined[path] = b"\n".join((folder / part).read_bytes() for part in parts)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at a path with or without a release. Raises HTTPException 404, 405."""
        found = RELEASE.match(path)
        name = found["path"] if found else path
        if name in self._joined and scope["method"] in ("GET", "HEAD"):
            response = _sheet(self._joined[name])
        else:
            response = await super().get_response(name, scope)
        if response.status_code in (200, 304):
            current = found is not None and found["release"] == self.release
            response.headers["Cache-Control"] = FOR_GOOD if current else "no-cache"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Vary"] = "Accept-Encoding"
            if response.status_code == 200 and "gzip" in Headers(scope=scope).get("Accept-Encoding", ""):
                response = self._smaller(name, response)
            if current:
                # Nobody asks again for what is kept for good, and of fifty files these are 4 KB.
                del response.headers["ETag"], response.headers["Last-Modified"]
        return response

    def _smaller(self, path: str, response: Response) -> Response:
        """The same answer compressed, if that is worth it."""
        file = Path(str(self.directory)) / path
        if file.suffix not in COMPRESSED or int(response.headers["Content-Length"]) < SMALL:
            return response
        key = (path, response.headers["ETag"])
        if key not in self._packed:
            body = self._joined[path] if path in self._joined else file.read_bytes()
            self._packed[key] = gzip.compress(body, 9, mtime=0)
        headers = {k: v for k, v in response.headers.items() if k != "content-length"}
        return Response(self._packed[key], headers=with_encoding(headers))


def _sheet(body: bytes) -> Response:
    tag = hashlib.sha256(body).hexdigest()[:20]
    return Response(body, headers={"ETag": f'"{tag}"'}, media_type="text/css")


def with_encoding(headers: Mapping[str, str]) -> dict[str, str]:
    """These headers for a body that is compressed by gzip; a weak ETag, since the bytes differ."""
    tag = headers["etag"]
    return {**headers, "content-encoding": "gzip", "etag": tag if tag.startswith("W/") else f"W/{tag}"}


def release_of(folder: Path) -> str:
    """Twelve hexadecimal digits that differ whenever any file of the folder does."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
