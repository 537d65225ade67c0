"""The Python client's stream does what the cases say."""

import json
import random
from typing import Any

import pytest

from gigmarket.client.actions import Action, Answer, Ask, Deliver, Drop, Fault, Open, Renew, Send, Status
from gigmarket.client.hearing import Event
from gigmarket.client.stream import Stream
from gigmarket.wire.frames import Snapshot, State
from tests.conformance.script import CHANCE, Script, scripts


class Middle(random.Random):
    """Draws the middle of everything."""

    def random(self) -> float:
        return CHANCE


class Player:
    """A stream with a clock, and what it did since it was last asked."""

    def __init__(self, renews: bool) -> None:
        self.stream = Stream(Middle(), renews)
        self.now = 0.0
        self.told: list[Any] = []
        self._open = False
        self._commands = 0

    def play(self, act: str, value: Any) -> list[Any]:
        """One step; what the client did."""
        getattr(self, f"do_{act}")(value)
        told, self.told = self.told, []
        return told

    def do_start(self, _: None) -> None:
        self._take(self.stream.start())

    def do_stop(self, _: None) -> None:
        self._take(self.stream.stop())

    def do_nudge(self, _: None) -> None:
        self._take(self.stream.nudge())

    def do_lost(self, _: None) -> None:
        self._take(self.stream.lost(self.now))

    def do_ticket(self, ticket: str) -> None:
        self._take(self.stream.ticketed(ticket, self.now))

    def do_refused(self, problem: dict[str, Any]) -> None:
        self._take(self.stream.refused(problem, problem.get("retry_after_s", 0.0), self.now))

    def do_opened(self, _: None) -> None:
        self._take(self.stream.opened())

    def do_receive(self, frame: dict[str, Any]) -> None:
        self.do_text(json.dumps(frame))

    def do_text(self, text: str) -> None:
        self._take(self.stream.receive(text, self.now))

    def do_closed(self, code: int) -> None:
        self._open = False
        self._take(self.stream.closed(code, self.now))

    def do_command(self, asked: dict[str, Any]) -> None:
        self._commands += 1
        self._take(self.stream.command(f"c{self._commands}", asked["op"], asked["args"], self.now))

    def do_position(self, at: dict[str, Any]) -> None:
        self._take(self.stream.position(at["lat"], at["lng"], at["datum"]))

    def do_renewed(self, ticket: str) -> None:
        self._take(self.stream.refresh(ticket))

    def do_not_renewed(self, _: None) -> None:
        self._take(self.stream.not_renewed(self.now))

    def do_advance(self, seconds: float) -> None:
        until = round(self.now + seconds, 6)
        while (due := self.stream.due) is not None and round(due, 6) <= until:
            self.now = due
            self._take(self.stream.tick(due))
        self.now = until

    def _take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Ask():
                    self.told.append("ask")
                case Open():
                    self._open = True
                    self.told.append("open")
                case Drop():
                    if self._open:
                        self.told.append("drop")
                    self._open = False
                case Renew():
                    self.told.append("renew")
                case Send(frame=frame):
                    self.told.append({"send": dict(frame)})
                case Deliver(item=Event(seq=seq)):
                    self.told.append({"event": seq})
                case Deliver(item=Snapshot(state=state)):
                    self.told.append({"snapshot": state})
                case Deliver(item=State(data=data)):
                    self.told.append({"state": data})
                case Status(name=name, code=code, problem=problem):
                    known = {"code": code, "problem": problem and problem["type"]}
                    self.told.append({"status": name, **{k: v for k, v in known.items() if v}})
                case Answer(id=id, data=data, problem=None):
                    self.told.append({"answer": id, "data": data})
                case Answer(id=id, problem=problem):
                    self.told.append({"answer": id, "problem": problem and problem["type"]})
                case Fault():
                    pass


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_the_python_client_follows_the_script(script: Script) -> None:
    player = Player(script.renews)
    for number, (act, value, expected) in enumerate(script.steps, 1):
        assert player.play(act, value) == expected, f"step {number}, {act}"
