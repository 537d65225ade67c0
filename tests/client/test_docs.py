"""The program in docs/client.md does what the page says."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.serving import WAIT_S, Serving, place
from tests.talking import post_gig

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
pytestmark = pytest.mark.system


async def test_the_pages_program_takes_a_gig(served: Serving) -> None:
    worker, employer = served.person("worker"), served.person("employer", "药都物流")
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    # Where no other test has people or gigs.
    where = place()
    program = program.replace("28.0560", str(where["lat"])).replace("115.5460", str(where["lng"]))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env={**os.environ, "MARKET": served.url, "TOKEN": worker.token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await post_gig(served, employer, where, title="装卸中药材")
    async with asyncio.timeout(WAIT_S):
        out, err = await process.communicate()
    assert (out.decode(), err.decode()) == ("taken: 装卸中药材\n", "")
