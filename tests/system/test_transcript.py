"""The session shown in docs/protocol.md is one that a running server had, word for word.

`make protocol` writes it anew (`GIGMARKET_TRANSCRIPT=write`). Ids, secrets and times are replaced by names.
"""

import json
import os
import re
import textwrap
from collections.abc import Mapping
from typing import Any

import pytest
from websockets.asyncio.client import connect

from gigmarket.wire import generate
from gigmarket.wire.page import filled
from tests.serving import Person, Serving
from tests.talking import Frame, Stream, go_available, ok, post_gig

pytestmark = pytest.mark.system

WHERE = {"lat": 28.42, "lng": 115.12, "datum": "wgs84"}
"""Where no other test has people or gigs."""
ID = re.compile(r"\b[0-9][0-9a-hjkmnp-tv-z]{25}\b")
TIME = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
SECRETS = {"ticket", "epoch", "phone", "employer_phone", "code"}
WIDTH = 110


class Transcript:
    """What was said on sockets, in order, as it may be read in a document."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}

    def note(self, words: str) -> None:
        """What happens off the socket."""
        self.lines.append(f"# {words}")

    def said(self, arrow: str, frame: Mapping[str, Any]) -> None:
        """One frame, `→` from the client or `←` from the server."""
        text = json.dumps(self._plain(frame), ensure_ascii=False)
        lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
        self.lines.append(f"{arrow} " + "\n    ".join(lines))

    def _plain(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._plain(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each, key) for each in value]
        if isinstance(value, str) and key in SECRETS:
            return f"<{key}>"
        if isinstance(value, str):
            return ID.sub(lambda found: self._name(found[0]), TIME.sub("<time>", value))
        return value

    def _name(self, found: str) -> str:
        return self._names.setdefault(found, f"<id {len(self._names) + 1}>")


class Scribe(Stream):
    """A stream whose frames are written down."""

    transcript: Transcript

    async def say(self, frame: Mapping[str, Any]) -> None:
        if frame["t"] != "pong":
            self.transcript.said("→", frame)
        await super().say(frame)

    async def hear(self, seconds: float = 30.0) -> Frame:
        frame = await super().hear(seconds)
        self.transcript.said("←", frame)
        return frame


async def test_the_page_shows_a_session_as_it_is(served: Serving) -> None:
    transcript = Transcript()
    await session(served, transcript)
    page = generate.PAGE.read_text("utf-8")
    told = filled(page, {"transcript": "```text\n" + "\n".join(transcript.lines) + "\n```"})
    if os.environ.get("GIGMARKET_TRANSCRIPT") == "write":
        generate.PAGE.write_text(told, "utf-8")
    assert generate.PAGE.read_text("utf-8") == told, "run: make protocol"


async def session(served: Serving, transcript: Transcript) -> None:
    """A worker is offered a gig, takes it, loses the line, comes back, is refused something, and logs out."""
    worker, employer = served.person("worker", "王小明"), served.person("employer", "药都物流")
    await go_available(served, worker, WHERE)
    async with connect(served.ws_url, compression=None) as socket:
        mine = await begun(served, socket, worker, transcript)
        transcript.note("An employer posts a gig nearby, a round is held.")
        gig = await post_gig(served, employer, WHERE)
        offer = (await mine.event("offer.created"))["data"]["offer"]["id"]
        await mine.say({"t": "ack", "seq": mine.seq})
        answer = await mine.command("offer.accept", {"offer_id": offer}, "c1")
        await mine.event("assignment.created")
        await mine.command("assignment.check_in", {"assignment_id": seat(answer), "code": "not it"}, "c2")
        epoch, seq = mine.epoch, mine.seq
    transcript.note("The line breaks. Meanwhile the worker checks in at the site, over HTTP.")
    async with served.http(worker) as w, served.http(employer) as e:
        code = (await ok(e.get(f"/api/v1/gigs/{gig['id']}")))["site_code"]
        await ok(w.post(f"/api/v1/assignments/{seat(answer)}/check-in", json={"code": code}))
    async with connect(served.ws_url, compression=None) as socket:
        mine = await begun(served, socket, worker, transcript, epoch, seq)
        await mine.event("assignment.updated")
        transcript.note("Sent again, since no answer had come: answered as the first time, done once.")
        await mine.command("offer.accept", {"offer_id": offer}, "c1")
        transcript.note("The worker logs out elsewhere.")
        async with served.http(worker) as w:
            await ok(w.delete("/api/v1/auth/sessions/current"), 204)
        transcript.note(f"The server closes with {await mine.closed()}.")


async def begun(
    served: Serving,
    socket: Any,
    person: Person,
    transcript: Transcript,
    epoch: str | None = None,
    seq: int | None = None,
) -> Scribe:
    """A stream begun or resumed, every frame of it written down."""
    async with served.http(person) as http:
        ticket = (await ok(http.post("/api/v1/ws-tickets"), 201))["ticket"]
    scribe = Scribe(socket)
    scribe.transcript = transcript
    return await scribe.begin(ticket, epoch, seq)


def seat(answer: Frame) -> str:
    """The assignment's id in a command's answer."""
    return str(answer["data"]["assignment"]["id"])
