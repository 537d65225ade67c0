"""The scripted cases: what goes into a client of `gig.v1`, step by step, and what comes out of it.

A step is [what happens, with what, what the client then does]. Pauses are drawn in the middle of their windows.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Step = list[Any]
CHANCE = 0.5


@dataclass(frozen=True)
class Script:
    """One case. The clock begins at `START`, when nothing is connected."""

    name: str
    renews: bool
    steps: list[Step]


START = "2026-07-31T00:00:00Z"


def scripts() -> list[Script]:
    """Every case, with the steps of its prelude."""
    read = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
    return [
        Script(case["name"], case["renews"], [*read["preludes"].get(case["after"], []), *case["steps"]])
        for case in read["cases"]
    ]
