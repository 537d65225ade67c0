"""Questions of many callers in one go: each gets its own answer, or its own error."""

import asyncio
from collections.abc import Sequence

import pytest

from gigmarket.together import MOST, Together


class Oracle:
    """Doubles numbers, refuses negative ones, and answers only when it may."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.began, self.may = asyncio.Event(), asyncio.Event()
        self.broken: Exception | None = None

    async def answer(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.asked.append(list(numbers))
        self.began.set()
        await self.may.wait()
        if self.broken is not None:
            raise self.broken
        return [2 * number if number >= 0 else ValueError(str(number)) for number in numbers]


async def test_an_answer_is_given_though_nobody_waits_for_it_any_more() -> None:
    oracle = Oracle()
    together = Together(oracle.answer, most=2)
    first = asyncio.create_task(together.ask(1))
    await oracle.began.wait()
    kept = [together.put(number) for number in (2, 3, 4)]
    waiting = asyncio.ensure_future(asyncio.shield(kept[0]))
    await asyncio.sleep(0)
    waiting.cancel()
    oracle.may.set()
    assert [await first, *await asyncio.gather(*kept)] == [2, 4, 6, 8]
    assert oracle.asked == [[1], [2, 3], [4]]


async def test_who_comes_during_an_answer_is_asked_together() -> None:
    oracle = Oracle()
    together = Together(oracle.answer)
    first = asyncio.create_task(together.ask(1))
    await oracle.began.wait()
    others = [asyncio.create_task(together.ask(number)) for number in (2, 3, 2)]
    await asyncio.sleep(0)
    oracle.may.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 4]
    assert oracle.asked == [[1], [2, 3, 2]]
    assert await together.ask(5) == 10


async def test_an_error_is_its_own_askers_only() -> None:
    oracle = Oracle()
    oracle.may.set()
    together = Together(oracle.answer)
    answers = await asyncio.gather(*map(together.ask, (1, -1, 2)), return_exceptions=True)
    assert (answers[0], answers[2]) == (2, 4)
    assert isinstance(answers[1], ValueError)


async def test_a_failed_question_fails_everybody_in_it_and_nobody_after() -> None:
    oracle = Oracle()
    oracle.may.set()
    oracle.broken = OSError("away")
    together = Together(oracle.answer)
    answers = await asyncio.gather(*map(together.ask, (1, 2)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["away", "away"]
    oracle.broken = None
    assert await together.ask(3) == 6


async def test_who_gives_up_is_not_asked_for_and_harms_nobody() -> None:
    oracle = Oracle()
    together = Together(oracle.answer)
    first = asyncio.create_task(together.ask(1))
    await oracle.began.wait()
    impatient, patient = (asyncio.create_task(together.ask(number)) for number in (2, 3))
    await asyncio.sleep(0)
    impatient.cancel()
    first.cancel()
    oracle.may.set()
    assert await patient == 6
    assert oracle.asked == [[1], [3]]
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_a_crowd_is_asked_in_bounded_parts() -> None:
    oracle = Oracle()
    oracle.may.set()
    together = Together(oracle.answer, pause_s=0.001)
    numbers = range(2 * MOST + 1)
    assert await asyncio.gather(*map(together.ask, numbers)) == [2 * number for number in numbers]
    assert max(map(len, oracle.asked)) <= MOST
