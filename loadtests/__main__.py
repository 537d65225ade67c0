"""`python -m loadtests NAME|all [--json] [--tiny] [--html FILE]`: one benchmark, or all and then a table.

`all` leaves out those that take ten thousand phones and some minutes each (`APART`): run them by name.
"""

import argparse
import json
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from loadtests import scenarios
from loadtests.page import page
from loadtests.report import table

LIMIT_S = 570.0
"""All benchmarks together: `make bench` takes at most ten minutes."""
ORDER = ("post_to_offer", "accepts")
"""These come first; the others follow by name."""

Found = Mapping[str, Any]


def benchmarks() -> dict[str, ModuleType]:
    """Every module of `loadtests.scenarios` that has `run() -> dict`, by its name."""
    modules = {
        found.name: import_module(f"loadtests.scenarios.{found.name}")
        for found in pkgutil.iter_modules(scenarios.__path__)
    }
    named = {name: module for name, module in sorted(modules.items()) if hasattr(module, "run")}
    return {name: named[name] for name in (*ORDER, *named) if name in named}


def run_one(name: str, tiny: bool) -> Found:
    """One benchmark in this process; `tiny` where it has such a size."""
    module = benchmarks()[name]
    found: Found = module.run(module.TINY) if tiny and hasattr(module, "TINY") else module.run()
    return found


def run_all(tiny: bool) -> list[Found]:
    """Each in a process of its own, so that none leaves its collector or caches to the next."""
    results: list[Found] = []
    deadline = time.monotonic() + LIMIT_S
    for name in (name for name, module in benchmarks().items() if not getattr(module, "APART", False)):
        command = [sys.executable, "-m", "loadtests", name, "--json", *(["--tiny"] if tiny else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            try:
                out, _ = running.communicate(timeout=max(1.0, deadline - time.monotonic()))
            except BaseException as error:
                # SIGTERM, so that its servers end with it.
                running.terminate()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                out = ""
        found = json.loads(out.splitlines()[-1]) if running.returncode == 0 and out else _failed(name)
        print(json.dumps(found, ensure_ascii=False), flush=True)
        results.append(found)
    return results


def _failed(name: str) -> Found:
    nothing = {"value": None, "floor": None, "ratio": None, "unit": ""}
    return {"name": name, **nothing, "detail": {"failed": "it ended with an error or took too long"}}


def main() -> int:
    """Run what the command line names; the last line is the result (`--json`) or the table."""
    parser = argparse.ArgumentParser(prog="python -m loadtests", description=__doc__)
    parser.add_argument("name", choices=[*benchmarks(), "all"])
    parser.add_argument("--json", action="store_true", help="end with one JSON object on one line")
    parser.add_argument("--tiny", action="store_true", help="a few iterations: numbers that mean nothing")
    parser.add_argument("--html", type=Path, metavar="FILE", help="leave a page with histograms there, too")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    if given.name == "all":
        results = run_all(given.tiny)
        print(table(results))
        _leave_page(results, given.html)
        return int(any("failed" in found["detail"] for found in results))
    found = run_one(given.name, given.tiny)
    print(json.dumps(found, ensure_ascii=False) if given.json else table([found]), flush=True)
    _leave_page([found], given.html)
    return 0


def _leave_page(results: Sequence[Found], path: Path | None) -> None:
    if path is not None:
        path.write_text(page(results, datetime.now(UTC)), encoding="utf-8")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit("stopped")


if __name__ == "__main__":
    sys.exit(main())
