"""What a page's modules import at once is asked for with the page; what they import later is not."""

from pathlib import Path

import pytest

from gigmarket.edge.http.modules import files_of, modules_of

PAGE = """<link rel="stylesheet" href="/static/one.css">
<script type="importmap">{ "imports": { "bare": "/static/vendor/bare.mjs" } }</script>
<script type="module" src="/static/shop/app.js"></script>"""
APP = """/** import "./never.js" */
import { a } from "../lib/a.js";
import {
  b,
  c,
} from "../lib/b.js";
const Later = () => import("./later.js");
import "bare";
export { a } from "../lib/again.js";
a("./no-import.js");
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "shop/index.html": PAGE,
        "shop/app.js": APP,
        "shop/later.js": 'import { z } from "../lib/z.js";\n',
        "lib/a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "lib/b.js": "export const b = 1, c = 2;\n",
        "lib/again.js": "",
        "lib/z.js": "",
        "one.css": "",
        # As a minifier leaves it: all on one line.
        "vendor/bare.mjs": 'import{x as n}from"../lib/x.js";import{y}from"../lib/y.js";export{n,y};',
        "lib/x.js": "",
        "lib/y.js": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_what_is_needed_at_once(folder: Path) -> None:
    assert modules_of(folder, PAGE) == [
        "lib/a.js",
        "lib/b.js",
        "vendor/bare.mjs",
        "lib/again.js",
        "lib/x.js",
        "lib/y.js",
    ]


def test_what_is_needed_ever(folder: Path) -> None:
    assert set(files_of(folder, "shop")) == {
        *modules_of(folder, PAGE),
        "shop/app.js",
        "shop/later.js",
        "lib/z.js",
        "one.css",
    }


def test_an_import_of_nothing(folder: Path) -> None:
    (folder / "lib" / "z.js").unlink()

    assert "lib/z.js" not in modules_of(folder, PAGE)
    with pytest.raises(FileNotFoundError):
        files_of(folder, "shop")
