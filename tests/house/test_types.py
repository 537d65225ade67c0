"""The pages' modules by TypeScript: strictly where the protocol is spoken, loosely where things are drawn."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
NODE = Path(sys.prefix) / "node" / "node_modules"
"""Where `make` puts the compiler and the libraries' types."""
SERVICE_WORKER = STATIC / "lib" / "offline.js"
"""Runs in a scope of its own, which the pages' types would contradict."""
STRICT = ("api", "clock", "closing", "commands", "live", "remember", "session", "store", "stream")


def errors(folder: Path, files: list[Path], strict: bool) -> list[str]:
    """What the compiler says about these modules."""
    node, tsc = shutil.which("node"), NODE / "typescript" / "lib" / "tsc.js"
    if node is None or not tsc.exists():
        pytest.skip("no TypeScript here: `make test` installs it where npm is")
    libraries = {
        "preact": "preact",
        "preact/hooks": "preact/hooks",
        "htm": "htm",
        "@preact/signals": "@preact/signals",
    }
    options = {
        "allowJs": True,
        "checkJs": True,
        "noEmit": True,
        "strict": strict,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "lib": ["es2023", "dom", "dom.iterable"],
        "types": [],
        "paths": {
            **{name: [str(NODE / path)] for name, path in libraries.items()},
            "*": [str(STATIC / "vendor" / "*.mjs")],
        },
    }
    config = folder / "tsconfig.json"
    config.write_text(json.dumps({"compilerOptions": options, "files": [str(file) for file in files]}))
    run = subprocess.run(
        [node, str(tsc), "-p", str(config)], check=False, capture_output=True, text=True, timeout=300
    )
    return [line for line in run.stdout.splitlines() if "error TS" in line]


def test_the_stream_and_the_state_keep_to_the_protocols_types(tmp_path: Path) -> None:
    files = [STATIC / "lib" / f"{name}.js" for name in STRICT]
    found = errors(tmp_path, files, strict=True)
    assert [line for line in found if any(f"lib/{name}.js" in line for name in STRICT)] == []


def test_no_page_asks_for_what_is_not_there(tmp_path: Path) -> None:
    """A misspelt import, a property that nothing has, an argument too few; what has no type passes."""
    drawn = [file for file in STATIC.glob("*/*.js") if file.parent.name != "vendor" and file != SERVICE_WORKER]
    assert len(drawn) > 80
    found = errors(tmp_path, drawn, strict=False)
    assert [line for line in found if "static/vendor/" not in line] == []


def test_a_wrong_field_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text(
        f'/** @import * as Wire from "{STATIC}/lib/protocol.d.ts" */\n'
        "/** @param {Wire.GigView} gig */\n"
        "export const seats = (gig) => gig.headcont;\n"
    )
    (found,) = errors(tmp_path, [wrong], strict=True)
    assert "headcount" in found
