"""What the log says while a part is away."""

import logging
from dataclasses import dataclass

import pytest

from gigmarket.outage import AGAIN_S, QUIET_S, Outage

log = logging.getLogger("gigmarket.tests.outage")


@dataclass
class Clock:
    """A time that passes when told."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock: Clock, caplog: pytest.LogCaptureFixture) -> Outage:
    caplog.set_level(logging.INFO, log.name)
    return Outage(log, "the part answers again", clock)


def test_it_is_said_at_once_then_once_a_minute_with_the_count_and_once_when_over(
    clock: Clock, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    for clock.now in range(150):
        outage.failed("the part is away")
    lasted = outage.lasting
    clock.now += QUIET_S
    for _ in range(3):
        outage.worked()
    assert (lasted, outage.lasting) == ("the part is away", None)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "the part is away"),
        ("WARNING", "the part is away (59 more times)"),
        ("WARNING", "the part is away (59 more times)"),
        ("INFO", "the part answers again, after 149 s (failures: 150)"),
    ]


def test_a_success_between_failures_ends_nothing(
    clock: Clock, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    for clock.now in range(int(AGAIN_S) - 1):
        outage.failed("the disk is full")
        outage.worked()
    assert caplog.messages == ["the disk is full"]


def test_the_next_outage_is_a_new_one(clock: Clock, outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    outage.worked()
    outage.failed("first")
    clock.now = QUIET_S
    outage.worked()
    outage.failed("second")
    assert caplog.messages == ["first", "the part answers again, after 0 s (failures: 1)", "second"]


def test_what_fails_seldom_is_said_each_time(
    clock: Clock, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    outage.failed("no gateway")
    clock.now = AGAIN_S
    outage.failed("no gateway")
    assert caplog.messages == ["no gateway", "no gateway"]
