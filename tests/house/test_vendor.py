"""The vendored browser libraries: known, licensed, byte for byte what was taken, and working together."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "static" / "vendor"
FIELDS = {"path", "name", "version", "licence", "sha256"}
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)

COUNTER = """<!doctype html><meta charset="utf-8"><title>counter</title><link rel="icon" href="data:,">
<script type="importmap">IMPORTMAP</script>
<main id="app"></main>
<script type="module">
  import { h, render } from "preact";
  import { useState } from "preact/hooks";
  import htm from "htm";
  import { signal, computed } from "@preact/signals";
  import { qrcode } from "qrcode-generator";
  const html = htm.bind(h), seats = signal(1), text = computed(() => `seats ${seats.value}`);
  const code = qrcode(0, "M"); code.addData("零工"); code.make();
  function Counter() {
    const [taps, setTaps] = useState(0);
    const tap = () => { seats.value += 1; setTaps(taps + 1); };
    return html`<button onClick=${tap}>${text}, taps ${taps}</button>
      <output>${code.getModuleCount()}</output>`;
  }
  render(html`<${Counter} />`, document.getElementById("app"));
</script>"""


def discrepancies(folder: Path) -> list[str]:
    """Where VENDOR.json and the folder disagree: unlisted, missing, changed or half-described files."""
    listed = json.loads((folder / "VENDOR.json").read_text(encoding="utf-8"))["files"]
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    names = {entry.get("path") for entry in listed}
    found = [f"unlisted: {name}" for name in sorted(present - names - {"VENDOR.json"})]
    for entry in listed:
        if not all(entry.get(field) for field in FIELDS):
            found.append(f"incomplete: {entry}")
        elif entry["path"] not in present:
            found.append(f"missing: {entry['path']}")
        elif hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest() != entry["sha256"]:
            found.append(f"changed: {entry['path']}")
    return found


def test_vendored_files_are_what_was_taken() -> None:
    assert discrepancies(VENDOR) == []


def test_each_library_brings_its_licence() -> None:
    listed = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))["files"]
    modules = {entry["name"] for entry in listed if entry["path"].endswith(".mjs")}
    assert {entry["name"] for entry in listed if entry["path"].startswith("LICENSE-")} == modules


def test_import_map_names_vendored_modules() -> None:
    imports = json.loads((VENDOR / "importmap.json").read_text(encoding="utf-8"))["imports"]
    modules = {f"/static/vendor/{path.name}" for path in VENDOR.glob("*.mjs")}
    assert set(imports.values()) == modules


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda folder: (folder / "htm.mjs").write_text("export default 1"), "changed: htm.mjs"),
        (lambda folder: (folder / "htm.mjs").unlink(), "missing: htm.mjs"),
        (lambda folder: (folder / "extra.mjs").write_text(""), "unlisted: extra.mjs"),
    ],
    ids=["changed", "missing", "unlisted"],
)
def test_discrepancy_is_found(tmp_path: Path, spoil, found: str) -> None:
    folder = tmp_path / "vendor"
    shutil.copytree(VENDOR, folder)
    spoil(folder)
    assert discrepancies(folder) == [found]


class Files(SimpleHTTPRequestHandler):
    """The repository's static/ and the counter page, without a log."""

    def do_GET(self) -> None:
        if self.path != "/counter":
            return super().do_GET()
        page = COUNTER.replace("IMPORTMAP", (VENDOR / "importmap.json").read_text(encoding="utf-8")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
        return None

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
async def test_libraries_work_together(address: str) -> None:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*flags, "--disable-sync", "--no-first-run"]
        )
        page = await browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        await page.goto(f"{address}/counter")
        button = page.get_by_role("button")
        await button.wait_for()
        assert await button.inner_text() == "seats 1, taps 0"
        await button.click()
        await page.get_by_text("seats 2, taps 1").wait_for()
        assert int(await page.locator("output").inner_text()) == 21
        assert errors == []
        await browser.close()
