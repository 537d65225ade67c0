"""How pages and their files are sent: compressed, kept for good by their release, and closed to all else."""

import base64
import gzip
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gigmarket.edge.http import pages
from gigmarket.edge.http.assets import release_of
from gigmarket.edge.http.modules import modules_of, sheets_of
from tests.serving import Serving

RELEASE = release_of(pages.static_folder())


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    pages.install(app)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://market.test") as client:
        yield client


@pytest.mark.parametrize("client", ["", *(f"{name}/" for name in pages.CLIENTS)])
async def test_a_page_asks_for_its_files_by_their_release(http: httpx2.AsyncClient, client: str) -> None:
    page = await http.get(f"/{client}")
    files = re.findall(r'"(/static/[^"]+)"', page.text)
    assert len(files) > 2
    for file in files:
        assert file.startswith(f"/static/{RELEASE}/")
        answer = await http.get(file)
        assert answer.status_code == 200, file
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        # Nobody asks whether it is still the same.
        assert not {"etag", "last-modified"} & answer.headers.keys()


@pytest.mark.parametrize("client", ["", *pages.CLIENTS])
async def test_a_page_has_one_style_sheet_with_all_of_its_own(http: httpx2.AsyncClient, client: str) -> None:
    text = (pages.static_folder() / client / "index.html").read_text("utf-8")
    page = (await http.get(f"/{client}/" if client else "/")).text
    (sheet,) = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    answer = await http.get(sheet)
    assert answer.headers["Content-Type"].startswith("text/css")
    parts = [(await http.get(f"/static/{name}")).text for name in sheets_of(text)]
    assert len(parts) > 2
    assert answer.text == "\n".join(parts)
    assert (await http.post(sheet)).status_code == 405


@pytest.mark.parametrize("client", pages.CLIENTS)
async def test_a_page_asks_for_all_its_modules_at_once(http: httpx2.AsyncClient, client: str) -> None:
    page = (await http.get(f"/{client}/")).text
    early = re.findall(rf'<link rel="modulepreload" href="/static/{RELEASE}/([^"]+)">', page)
    folder = pages.static_folder()
    assert early == modules_of(folder, (folder / client / "index.html").read_text("utf-8"))
    # After the import map, which must come before any module is asked for.
    assert page.rfind("importmap") < page.index("modulepreload") < page.index('<script type="module"')


@pytest.mark.parametrize("client", ["", *(f"{name}/" for name in pages.CLIENTS)])
async def test_scripts_in_a_page_are_none_but_its_import_map(http: httpx2.AsyncClient, client: str) -> None:
    page = await http.get(f"/{client}")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL):
        if "src=" in attributes:
            assert not body.strip()
        else:
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
    assert not re.search(r"\son\w+=|<style|\sstyle=", page.text)


async def test_a_file_without_a_release_or_of_an_older_one_is_todays_and_not_kept(
    http: httpx2.AsyncClient,
) -> None:
    kept = await http.get(f"/static/{RELEASE}/lib/store.js")
    for address in ("/static/lib/store.js", "/static/0123456789ab/lib/store.js"):
        answer = await http.get(address)
        assert (answer.text, answer.headers["Cache-Control"]) == (kept.text, "no-cache")


async def test_a_browser_that_has_it_is_told_so(http: httpx2.AsyncClient) -> None:
    for address in ("/worker/", "/static/lib/store.js"):
        first = await http.get(address)
        assert first.headers["ETag"].startswith("W/")
        again = await http.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/worker/", "/static/lib/store.js", "/static/ui/tokens.css", "/static/worker/page.css"]
)
async def test_whoever_can_gets_it_compressed_and_others_plain(http: httpx2.AsyncClient, address: str) -> None:
    async with http.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    plain = await http.get(address, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(packed) < len(plain.content)
    assert gzip.decompress(packed) == plain.content
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(
    "path", ["../gigmarket/settings.py", "%2e%2e/README.md", f"{RELEASE}/../../README.md", "nothing.js", "lib"]
)
async def test_nothing_else_is_there(http: httpx2.AsyncClient, path: str) -> None:
    assert (await http.get(f"/static/{path}")).status_code == 404


def test_a_release_differs_when_any_file_does(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = release_of(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{12}", first)
    (tmp_path / "b.js").write_text("")
    second = release_of(tmp_path)
    (tmp_path / "b.js").rename(tmp_path / "c.js")
    third = release_of(tmp_path)
    (tmp_path / "a.js").write_text("2")
    assert len({first, second, third, release_of(tmp_path)}) == 4


@pytest.mark.parametrize("client", pages.OFFLINE)
async def test_what_a_client_keeps_is_all_that_its_page_may_ever_load(
    http: httpx2.AsyncClient, client: str
) -> None:
    """At once and later: nothing that a page imports when asked for may be missing without a network."""
    script = (await http.get(f"/{client}/offline.js")).text
    kept = json.loads(script.partition(";\n")[0].removeprefix("const KEPT = "))
    assert (kept["page"], kept["release"]) == (f"/{client}/", RELEASE)
    root, later = f"/static/{RELEASE}", re.compile(r'import\("([^"]+\.js)"\)')
    for file in kept["files"]:
        answer = await http.get(file)
        assert answer.status_code == 200, file
        if file.endswith(".js"):
            folder = file.rpartition("/")[0]
            for name in later.findall(answer.text):
                assert os.path.normpath(f"{folder}/{name}") in kept["files"], (file, name)
    assert {f"{root}/{client}/app.js", f"{root}/lib/en.js", f"{root}/vendor/preact.mjs"} <= set(kept["files"])


@pytest.mark.parametrize("client", pages.OFFLINE)
async def test_a_client_can_be_installed(http: httpx2.AsyncClient, client: str) -> None:
    page = (await http.get(f"/{client}/")).text
    found = re.search(r'rel="manifest" href="([^"]+)"', page)
    assert found
    manifest = (await http.get(found[1])).json()
    assert (manifest["start_url"], manifest["scope"]) == (f"/{client}/", f"/{client}/")
    sizes = {icon["sizes"]: await http.get(icon["src"]) for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes.keys()
    assert all(answer.status_code == 200 for answer in sizes.values())


@pytest.mark.parametrize("path", ["/", "/healthz", "/worker/", "/api/v1/trades"])
async def test_a_monitor_may_ask_for_the_head_alone(served: Serving, path: str) -> None:
    async with served.http() as http:
        whole, head = await http.get(path), await http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
