"""Why not me, for those of whom a round kept no name: everybody of the trade gets an answer and can appeal."""

from dataclasses import replace

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.draw import key_of, tickets_of
from gigmarket.domain.errors import NotFound
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import GigId, Role
from gigmarket.services import draws, gigs, offers, presence
from gigmarket.services.appeals import file
from gigmarket.services.explaining import why_gig, why_not
from gigmarket.services.market import Market
from gigmarket.services.reasons import Turn
from gigmarket.services.rounds import run_round
from gigmarket.wire.why import AppealIn, WhyView
from tests.services.test_crews import crew_of
from tests.services.test_rounds import NORTH, present
from tests.services.town import CENTRE, Town

SEED = bytes(range(32))


async def decided(market: Market, town: Town, gig: GigId, *workers: Actor, turn: int = 1) -> None:
    """A round about this gig among these workers."""
    await present(market, town, *workers)
    await run_round(market, town.roster, town.token, [gig], Turn(f"1.{turn}", SEED))


def winner(town: Town, workers: list[Actor]) -> Actor:
    """The one of them who holds an offer."""
    pending = town.see(lambda tx: tx.offers.pending_of([each.worker() for each in workers]))
    (one,) = (each for each in workers if each.worker() in pending)
    return one


def taken(town: Town, worker: Actor) -> None:
    """The worker says yes to the pending offer."""
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))


def of_another_trade(town: Town, where: Position = CENTRE) -> Actor:
    """A carer, where porters are wanted."""
    worker = town.worker(where=where)
    town.do(lambda tx: tx.workers.save(replace(tx.workers.lock(worker.worker()), trades=frozenset({"carer"}))))
    return worker


async def answers(market: Market, gig: GigId, workers: list[Actor]) -> list[WhyView]:
    """What each of them is told."""
    return [await why_not(market, each.worker(), gig) for each in workers]


async def test_everybody_who_lost_the_draw_hears_so_checks_it_and_can_appeal(
    town: Town, market: Market
) -> None:
    alike = [town.worker() for _ in range(20)]
    gig, chain = town.gig(town.employer()), town.do(draws.open_chain, "zhangshu", town.token, SEED, 9)
    assert chain == 1
    await decided(market, town, gig, *alike)
    first = winner(town, alike)
    lost = [each for each in alike if each is not first]

    for filled in (False, True):
        if filled:
            taken(town, first)
        told = await answers(market, gig, lost)
        assert {(why.reason, why.basis) for why in told} == {("others_first", "recorded")}
        for worker, why in zip(lost, told, strict=True):
            assert "由公开的抽签决定" in why.zh
            assert why.draw is not None
            assert why.draw.key == str(key_of(worker.worker()))
            assert [why.draw.ticket] == tickets_of(why.draw.seed, [int(why.draw.key)])
            assert why.draw.alike == 20
            assert why.draw.cut is not None
            assert why.draw.ticket > why.draw.cut
    for worker in lost:
        appeal = AppealIn(gig_id=gig, words="为什么没有我")
        assert (await file(market, worker, appeal, None)).status == 201

    (drawn,) = town.see(draws.turn, "zhangshu", chain, 1).gigs
    lots = {lot.key: lot for lot in drawn.lots}
    assert lots.keys() == {str(key_of(each.worker())) for each in alike}
    assert (drawn.alike, drawn.cut) == (20, lots[str(key_of(first.worker()))].ticket)
    assert drawn.cut == min(lot.ticket for lot in drawn.lots)
    assert [lot.ticket for lot in drawn.lots] == tickets_of(SEED.hex(), [int(key) for key in lots])

    staff = town.person(Role.STAFF)
    desk = [(await why_gig(market, staff, gig, each.worker())).worker for each in lost]
    assert all(one is not None and one.zh.startswith("合适，条件一样，抽签没抽到") for one in desk)


async def test_who_was_too_far_hears_the_same_while_the_seat_is_offered_and_when_it_is_filled(
    town: Town, market: Market
) -> None:
    near, far = town.worker(), town.worker(where=Position(CENTRE.lat + 5 * NORTH, CENTRE.lng))
    away = town.worker(where=Position(CENTRE.lat + 5, CENTRE.lng))
    gig = town.gig(town.employer())
    before = await answers(market, gig, [far, away])
    await decided(market, town, gig, near)
    pending = await answers(market, gig, [far, away])
    taken(town, near)
    filled = await answers(market, gig, [far, away])
    for told in (before, pending, filled):
        assert [(why.reason, why.basis) for why in told] == [("outside_circle", "now")] * 2
        assert [why.numbers["travel_min"] for why in told] == [None, None], "nothing that finds the site"
        assert {why.zh for why in told} == {
            "按现在的情况：您骑电动车过去要超过 15 分钟，不在这份活的找人范围里。"
        }


async def test_who_fitted_and_was_not_kept_hears_how_many_did(town: Town, market: Market) -> None:
    market.rules = replace(market.rules, policy=replace(market.rules.policy, considered_kept=2))
    near = [town.worker(where=Position(CENTRE.lat + i * NORTH / 4, CENTRE.lng)) for i in range(6)]
    gig = town.gig(town.employer())
    await decided(market, town, gig, *near)
    taken(town, near[0])
    (told,) = await answers(market, gig, [near[5]])
    assert (told.reason, told.basis, told.draw) == ("others_first", "now", None)
    assert told.zh == "按现在的情况：接到这份活的人路上约 1 分钟，您约 6 分钟；合适的有 6 人，先问了 1 人。"
    assert (await file(market, near[5], AppealIn(gig_id=gig, words="怎么回事"), None)).status == 201


async def test_a_filled_gig_is_judged_as_of_its_round_and_not_as_of_now(town: Town, market: Market) -> None:
    near, floor = town.worker(), town.worker()
    town.do(lambda tx: tx.workers.save(replace(tx.workers.lock(floor.worker()), floor_wage_fen=10**6)))
    gig = town.gig(town.employer())
    await decided(market, town, gig, near)
    taken(town, near)
    town.wait(hours=9)
    (told,) = await answers(market, gig, [floor])
    assert told.reason == "wage", "and not that it is too late by now"


@pytest.mark.parametrize(("waited_s", "minutes"), [(9, 1), (60, 1), (61, 2)])
async def test_a_wait_is_the_same_minutes_to_the_worker_and_to_a_desk(
    town: Town, market: Market, waited_s: int, minutes: int
) -> None:
    worker, gig = town.worker(), town.gig(town.employer())
    await present(market, town, worker)
    town.wait(seconds=waited_s)
    await run_round(market, town.roster, town.token, [gig], Turn("1.1", SEED))
    (mine,) = await answers(market, gig, [worker])
    desk = (await why_gig(market, town.person(Role.STAFF), gig, worker.worker())).worker
    assert desk is not None
    assert mine.numbers["waited_min"] == minutes
    assert f"已等 {minutes} 分钟" in desk.zh


async def test_nobody_hears_of_a_gig_that_was_never_open_to_him(town: Town, market: Market) -> None:
    near, carer = town.worker(), of_another_trade(town)
    gig = town.gig(town.employer())
    await decided(market, town, gig, near)
    taken(town, near)
    with pytest.raises(NotFound):
        await why_not(market, carer.worker(), gig)
    with pytest.raises(NotFound):
        await file(market, carer, AppealIn(gig_id=gig, words="为什么"), None)


async def test_a_pending_offer_does_not_hide_a_gig_that_recruits(town: Town, market: Market) -> None:
    near, carer = town.worker(), of_another_trade(town)
    away = of_another_trade(town, Position(CENTRE.lat + 5, CENTRE.lng))
    gig = town.gig(town.employer())
    free = await answers(market, gig, [carer])
    await decided(market, town, gig, near)
    assert town.get_gig(gig).free_seats() == 0
    assert free == await answers(market, gig, [carer])
    assert [why.reason for why in free] == ["trade"]
    with pytest.raises(NotFound):
        await why_not(market, away.worker(), gig)

    town.do(offers.decline, town.rules, near.worker(), town.pending(near), None)
    assert free == await answers(market, gig, [carer])

    await decided(market, town, gig, town.worker(), turn=2)
    town.now = town.get_gig(gig).recruit_until
    with pytest.raises(NotFound):
        await why_not(market, carer.worker(), gig)


async def test_seats_reserved_before_any_round_are_judged_as_they_are(town: Town, market: Market) -> None:
    asked, pair, carer = [town.worker(), town.worker()], [town.worker(), town.worker()], of_another_trade(town)
    crew_of(town, *pair)
    gig = town.gig(town.employer(), headcount=2)
    for worker in asked:
        town.offer(gig, worker)
    assert [why.reason for why in await answers(market, gig, [carer, *pair])] == ["trade", "asking", "asking"]


async def test_a_gig_that_ended_without_anybody_says_that_it_is_over(town: Town, market: Market) -> None:
    worker, employer = town.worker(), town.employer()
    gig = town.gig(employer)
    town.do(gigs.cancel, market.rules, employer.employer(), gig)
    (told,) = await answers(market, gig, [worker])
    assert (told.reason, told.zh) == ("ended", "这个活已经结束，不再找人。")
    staff = town.person(Role.STAFF)
    one = (await why_gig(market, staff, gig, worker.worker())).worker
    assert one is not None
    assert one.reason == "ended"


async def test_a_gig_past_its_time_is_over_though_seats_are_free(town: Town, market: Market) -> None:
    gig, worker = town.gig(town.employer()), town.worker(available=False)
    town.wait(hours=2)
    town.do(presence.go_available, worker, CENTRE, None, False)
    assert [why.reason for why in await answers(market, gig, [worker])] == ["ended"]
