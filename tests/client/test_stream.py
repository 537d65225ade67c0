"""The pure stream under any order of things: no gap, no repeat, every command ended once."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.client.actions import Action, Answer, Ask, Deliver, Open, Send, Status
from gigmarket.client.hearing import Event
from gigmarket.client.stream import BEHIND_S, Phase, Stream
from gigmarket.wire.frames import Snapshot

NOW = "2026-07-31T00:00:00Z"
BEFORE_S = 1000.0


def welcome(resumed: bool, seq: int, epoch: str) -> str:
    frame = {"t": "welcome", "v": "gig.v1", "epoch": epoch, "seq": seq, "resumed": resumed, "heartbeat_s": 25}
    return json.dumps({**frame, "now": NOW, "expires_at": "2026-08-30T00:00:00Z"})


def event(seq: int) -> str:
    return json.dumps({"t": "event", "seq": seq, "kind": "gig.created", "data": {"n": seq}, "at": NOW})


class Net:
    """A correct server behind a bad line: it numbers facts, and the line loses, repeats and breaks as told."""

    def __init__(self, seed: int) -> None:
        self.stream = Stream(random.Random(seed))
        self.now = BEFORE_S
        self.epoch, self.head = "e1", 0
        self.delivered: list[tuple[str, int]] = []
        self.answers: list[str] = []
        self.live_sends: list[dict[str, Any]] = []
        self._begun: int | None = None
        """How far the server has sent on this connection."""
        self.take(self.stream.start())

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Ask():
                    self.take(self.stream.ticketed("t", self.now))
                case Open():
                    self._begun = None
                    self.take(self.stream.opened())
                case Send(frame=frame):
                    self._said(dict(frame))
                case Deliver(item=Snapshot(seq=seq)):
                    self.delivered.append((f"{self.epoch} snapshot", seq))
                case Deliver(item=Event(seq=seq)):
                    self.delivered.append((self.epoch, seq))
                case Answer(id=id):
                    self.answers.append(id)
                case Status():
                    assert self.stream.due is None or self.stream.due >= self.now
                case _:
                    pass

    def say(self, text: str) -> None:
        self.take(self.stream.receive(text, self.now))

    def _said(self, frame: dict[str, Any]) -> None:
        if frame["t"] != "hello":
            assert self.stream.phase is Phase.LIVE
            self.live_sends.append(frame)
            return
        held = frame.get("seq") if frame.get("epoch") == self.epoch else None
        self._begun = self.head if held is None else held
        self.say(welcome(held is not None, self.head, self.epoch))
        if held is None:
            self.say(json.dumps({"t": "snapshot", "seq": self.head, "state": {}}))

    # --- what may happen

    def fact(self, arrives: bool) -> None:
        self.head += 1
        if arrives and self.stream.phase is Phase.LIVE:
            self.say(event(self.head))

    def repeat(self, back: int) -> None:
        if self.stream.phase is Phase.LIVE and self.head > back:
            self.say(event(self.head - back))

    def ping(self) -> None:
        if self.stream.phase is Phase.LIVE:
            self.say(json.dumps({"t": "ping", "seq": self.head}))

    def breaks(self, code: int) -> None:
        self.take(self.stream.closed(code, self.now))

    def history_lost(self) -> None:
        self.breaks(4004)
        self.epoch, self.head = f"e{int(self.epoch[1:]) + 1}", 0

    def command(self, id: str) -> None:
        self.take(self.stream.command(id, "gig.cancel", {}, self.now))

    def answer(self, id: str) -> None:
        if self.stream.phase is Phase.LIVE:
            self.say(json.dumps({"t": "result", "id": id, "ok": True, "data": {}}))

    def time(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.stream.due) is not None and due <= until:
            self.now = max(due, self.now)
            self.take(self.stream.tick(self.now))
        self.now = until

    def catch_up(self) -> None:
        """The server sends again what the client lacks, in order."""
        while self.stream.phase is Phase.LIVE and (self.stream.place.seq or 0) < self.head:
            self.say(event((self.stream.place.seq or 0) + 1))


THINGS = st.one_of(
    st.tuples(st.just("fact"), st.booleans()),
    st.tuples(st.just("repeat"), st.integers(0, 4)),
    st.tuples(st.just("ping")),
    st.tuples(st.just("breaks"), st.sampled_from([1001, 1006, 4001, 4003, 4006])),
    st.tuples(st.just("history_lost")),
    st.tuples(st.just("command"), st.sampled_from(["c1", "c2", "c3"])),
    st.tuples(st.just("answer"), st.sampled_from(["c1", "c2", "c3"])),
    st.tuples(st.just("time"), st.floats(0, 60)),
    st.tuples(st.just("catch_up")),
)


@settings(max_examples=300)
@given(st.integers(0, 1000), st.lists(THINGS, max_size=60))
def test_whatever_the_line_does_nothing_is_missed_or_told_twice(
    seed: int, things: list[tuple[Any, ...]]
) -> None:
    net = Net(seed)
    for name, *args in things:
        getattr(net, name)(*args)
        held: dict[str, int] = {}
        for epoch, seq in net.delivered:
            history, _, snapshot = epoch.partition(" ")
            assert snapshot or seq == held[history] + 1
            held[history] = seq
    # A line that holds again brings everything within a minute and a heartbeat.
    net.time(30)
    net.ping()
    net.catch_up()
    net.time(60)
    net.catch_up()
    assert net.stream.place.seq == net.head
    assert net.stream.place.epoch == net.epoch


@settings(max_examples=100)
@given(st.integers(0, 1000), st.lists(THINGS, max_size=40))
def test_every_command_ends_once(seed: int, things: list[tuple[Any, ...]]) -> None:
    net = Net(seed)
    asked = 0
    for name, *args in things:
        if name == "command":
            net.command(f"own{asked}")
            asked += 1
        else:
            getattr(net, name)(*args)
    net.time(21)
    assert sorted(net.answers) == sorted(f"own{number}" for number in range(asked))


def test_a_command_larger_than_a_frame_is_refused_before_it_is_sent() -> None:
    net = Net(1)
    for key in ("", "k" * 65):
        with pytest.raises(ValueError, match="a key has 1 to 64 characters"):
            net.stream.command(key, "offer.decline", {}, net.now)
    with pytest.raises(ValueError, match="16384"):
        net.stream.command("c1", "offer.decline", {"reason": "x" * 20_000}, net.now)
    assert net.stream.commands.next() is None


def test_who_is_behind_after_a_pause_resumes_though_no_ping_says_so_again() -> None:
    net = Net(1)
    net.fact(arrives=False)
    net.ping()
    net.stream.pause()
    net.time(60)
    assert net.stream.phase is Phase.LIVE
    net.stream.go_on(net.now)
    net.time(BEHIND_S)
    assert net.stream.phase is not Phase.LIVE
