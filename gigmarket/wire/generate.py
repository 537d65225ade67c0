"""`python -m gigmarket.wire.generate`: write the protocol's documents and types into this checkout anew.

With `--check` nothing is written, and the exit code is 1 when a file is not what the declarations make of it.
"""

import json
import sys
from pathlib import Path

from gigmarket import __version__
from gigmarket.wire import page
from gigmarket.wire.messages import Schema
from gigmarket.wire.schema import asyncapi, json_schema
from gigmarket.wire.typescript import typescript

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "protocol.md"


def documents() -> dict[Path, str]:
    """Every made file with the text it should have. Raises OSError outside of a checkout."""
    folder = ROOT / "docs" / "protocol"
    return {
        folder / "asyncapi.json": _json(asyncapi(__version__)),
        folder / "gig.v1.schema.json": _json(json_schema()),
        ROOT / "static" / "lib" / "protocol.d.ts": typescript(),
        PAGE: page.filled(PAGE.read_text("utf-8"), page.tables()),
    }


def stale() -> list[Path]:
    """The made files that are missing or not what the declarations make of them."""
    return [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    """Write, or only compare; the exit code."""
    old = stale()
    for path in old:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    if "--check" in arguments:
        return 1 if old else 0
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


def _json(value: Schema) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
