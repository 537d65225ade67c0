"""`accepts_256`: `accepts` with 256 in flight."""

from dataclasses import replace
from typing import Any

from loadtests.scenarios import accepts

APART = True
AT_ONCE = 256
FULL = replace(accepts.FULL, accepts=4_000, postgres=2_400, http=2_000, blocks=4, at_once=AT_ONCE)
TINY = replace(accepts.TINY, at_once=AT_ONCE)


def run(size: accepts.Size = FULL) -> dict[str, Any]:
    """As `accepts` has it."""
    return accepts.run(size, "accepts_256")
