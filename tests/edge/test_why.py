"""Why and appeals over HTTP: who reads which reason, and what is refused."""

import math
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from gigmarket.domain.draw import key_of
from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.serving import Person, Serving, place, problem_code, wait_until
from tests.talking import go_available, offered, ok, post_gig, stream_of

SECRET = {"cost_s", "credit_s", "share", "waited_s", "ticket"}


def considered(
    worker: Person, verdict: Verdict, travel_s: int = 660, cost_s: float | None = 700.0
) -> Considered:
    """This worker as a round saw them, half an hour into the wait."""
    name = WorkerId(worker.id)
    return Considered(name, verdict, travel_s, cost_s, 180.0, 1800, 0.4375, 0.25, key_of(name))


def record(served: Serving, gig: str, *people: Considered, **funnel: int) -> str:
    """Leave what a round would leave about this gig, as the newest: once the server's own dispatcher has left
    its reasons, it is silent about them for five minutes. Returns the round's name.
    """
    wait_until(
        lambda: served.store.read_now(lambda tx: tx.explanations.latest(GigId(gig))),
        "the dispatcher's own reasons",
    )
    name = f"{secrets.randbits(40)}.1"
    counts = {Verdict(code): count for code, count in funnel.items()}
    left = Explanation(GigId(gig), datetime.now(UTC), name, "ab" * 32, 1, 900, True, counts, people)
    served.store.transact_now(lambda tx: tx.explanations.add_many([left]))
    return name


def made_by(served: Serving, offer: str, round_name: str | None) -> None:
    """Say which round made an offer."""

    def write(tx: Transaction) -> None:
        table = TABLES["offer"]
        tx.connection.execute(table.update().where(table.c.id == offer).values(round=round_name))

    served.store.transact_now(write)


async def refused(asked: Any, status: int, code: str) -> None:
    """A typed problem."""
    response: httpx2.Response = await asked
    assert (response.status_code, problem_code(response.content)) == (status, code), response.text


async def test_an_offer_is_explained_to_each_by_what_they_may_know(served: Serving) -> None:
    worker, employer, offer = await offered(served, place())
    made_by(served, offer["id"], record(served, offer["gig"]["id"], considered(worker, Verdict.OFFERED, 350)))
    path = f"/api/v1/offers/{offer['id']}/why"

    async with served.http(worker) as http:
        mine = await ok(http.get(path))
    assert mine["zh"] == "您骑电动车过去约 6 分钟，已经等了 30 分钟，工种和时间都合适，所以先问您。"
    assert (mine["reason"], mine["basis"], mine["draw"]["ticket"]) == ("offered", "recorded", 0.25)
    async with served.http(employer) as http:
        theirs = await ok(http.get(path))
    assert theirs["draw"] is None
    assert theirs["numbers"].keys() == {"travel_min"}
    async with served.http(served.person("staff")) as http:
        desk = await ok(http.get(path))
    assert desk["name"] == "张*"
    assert desk["numbers"].keys() >= {"cost_s", "share"}
    for stranger, status, code in (("worker", 404, "not-found"), ("employer", 404, "not-found")):
        async with served.http(served.person(stranger)) as http:
            await refused(http.get(path), status, code)
    async with served.http(served.person("kiosk")) as http:
        await refused(http.get(path), 403, "forbidden")


async def test_a_lost_record_is_said_to_be_lost(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    made_by(served, offer["id"], None)
    async with served.http(worker) as http:
        told = await ok(http.get(f"/api/v1/offers/{offer['id']}/why"))
    assert told["basis"] == "now"
    assert "记录已经没有了" in told["zh"]


async def test_a_gig_is_explained_without_people_to_its_employer_and_with_few_to_a_desk(
    served: Serving,
) -> None:
    employer, worker = served.person("employer", "药都物流"), served.person("worker", "王小明")
    gig = await post_gig(served, employer, place(), trade="carer")
    person = considered(worker, Verdict.WAGE, cost_s=None)
    record(served, gig["id"], person, outside_circle=4, wage=2)
    path = f"/api/v1/gigs/{gig['id']}/why"

    async with served.http(employer) as http:
        told = await ok(http.get(path))
        await refused(http.get(path, params={"worker": worker.id}), 403, "forbidden")
    assert (told["reason"], told["considered"], told["worker"]) == ("all_kept_away", None, None)
    assert [step["count"] for step in told["steps"]] == [6, 6, 2, 2, 2, 2, 0]
    assert [each["code"] for each in told["advice"]] == ["wider_circle", "raise_pay"]
    async with served.http(served.person("clerk", station="zs-dianxia")) as http:
        desk = await ok(http.get(path, params={"worker": worker.id}))
        assert [each["name"] for each in desk["considered"]] == ["王*"]
        assert desk["worker"]["reason"] == "wage"
        listed = (await ok(http.get("/api/v1/gigs/unfilled", params={"limit": 200})))["items"]
        assert gig["id"] in {each["gig_id"] for each in listed}
        await refused(http.get(path, params={"worker": "nobody"}), 404, "not-found")
        await refused(http.get("/api/v1/gigs/nothing/why"), 404, "not-found")
        await refused(http.get(f"/api/v1/gigs/{'x' * 65}/why"), 422, "validation")
    async with served.http(served.person("employer")) as http:
        await refused(http.get(path), 404, "not-found")
        await refused(http.get("/api/v1/gigs/unfilled"), 403, "forbidden")
    async with served.http(worker) as http:
        await refused(http.get(path), 403, "forbidden")


async def test_a_desk_is_told_how_far_it_is_to_a_gig_outside_the_circle(served: Serving) -> None:
    where = place()
    worker, employer = served.person("worker", "欧阳"), served.person("employer")
    beyond = {**where, "lat": float(str(where["lat"])) + 0.2}
    await go_available(served, worker, beyond, trades=("carer",))
    gig = await post_gig(served, employer, where, trade="carer")
    async with served.http(served.person("clerk", station="zs-dianxia")) as http:
        path = f"/api/v1/gigs/{gig['id']}/why"
        one = (await ok(http.get(path, params={"worker": worker.id})))["worker"]
    numbers = one["numbers"]
    assert (one["reason"], one["basis"], numbers["estimated"]) == ("outside_circle", "now", 1)
    assert numbers["travel_s"] > numbers["circle_s"] > 0
    minutes = (math.ceil(numbers[name] / 60) for name in ("travel_s", "circle_s"))
    assert "路上 {} 分钟，范围 {} 分钟".format(*minutes) in one["zh"]


async def test_why_not_me_is_recorded_or_judged_now_or_none_of_my_business(served: Serving) -> None:
    where, employer = place(), served.person("employer")
    worker, first = served.person("worker", "李四"), served.person("worker", "王五")
    await go_available(served, worker, where, trades=("cleaner",))
    gig = await post_gig(served, employer, where, trade="carer")
    async with served.http(worker) as http:
        ask = {"gig": gig["id"]}
        now = await ok(http.get("/api/v1/workers/me/why-not", params=ask))
        assert (now["reason"], now["basis"], now["draw"]) == ("trade", "now", None)
        record(
            served,
            gig["id"],
            considered(worker, Verdict.OTHERS_FIRST),
            replace(considered(first, Verdict.OFFERED, 350), cost_s=400.0),
        )
        told = await ok(http.get("/api/v1/workers/me/why-not", params=ask))
        assert (told["reason"], told["basis"]) == ("others_first", "recorded")
        assert told["zh"].startswith("接到这份活的人路上约 6 分钟，您约 11 分钟")
        assert not told["numbers"].keys() & SECRET
        assert (told["draw"]["key"], told["draw"]["cut"]) == (str(key_of(WorkerId(worker.id))), None)
        assert first.id not in str(told)

        elsewhere = await post_gig(served, employer, place(), trade="carer")
        for gig_id in (elsewhere["id"], "nothing"):
            await refused(http.get("/api/v1/workers/me/why-not", params={"gig": gig_id}), 404, "not-found")
        await refused(http.get("/api/v1/workers/me/why-not"), 422, "validation")
        await refused(http.get("/api/v1/workers/me/why-not", params={"gig": "x" * 65}), 422, "validation")
    async with served.http(employer) as http:
        await refused(http.get("/api/v1/workers/me/why-not", params=ask), 403, "forbidden")
    async with served.http() as http:
        await refused(http.get("/api/v1/workers/me/why-not", params=ask), 401, "unauthenticated")


async def test_an_appeal_from_filing_to_the_answer(served: Serving) -> None:
    worker, _, offer = await offered(served, place(), title="分拣")
    body = {"gig_id": offer["gig"]["id"], "offer_id": offer["id"], "words": "  太远了 "}
    staff = served.person("staff")
    async with served.http(worker) as http, served.http(staff) as desk, stream_of(served, worker) as stream:
        key = {"Idempotency-Key": f"appeal-{worker.id}"}
        filed = await ok(http.post("/api/v1/appeals", json=body, headers=key), 201)
        assert await ok(http.post("/api/v1/appeals", json=body, headers=key), 201) == filed
        assert (filed["words"], filed["gig_title"], filed["answer"]) == ("太远了", "分拣", None)
        assert filed["reason"]["zh"]
        assert (await ok(http.get("/api/v1/workers/me/appeals")))["items"] == [filed]

        queue = (await ok(desk.get("/api/v1/appeals", params={"limit": 200})))["items"]
        (shown,) = (each for each in queue if each["id"] == filed["id"])
        assert (shown["worker"], shown["worker_id"]) == ("张*", worker.id)
        path = f"/api/v1/appeals/{filed['id']}/answer"
        answered = await ok(desk.post(path, json={"words": "已核对：按路程排。"}))
        assert answered["answer"] == "已核对：按路程排。"
        told = (await stream.event("appeal.answered"))["data"]["appeal"]
        assert (told["id"], told["answer"]) == (filed["id"], answered["answer"])
        assert (await ok(http.get("/api/v1/workers/me/appeals")))["items"] == [told]
        await refused(desk.post(path, json={"words": "再说"}), 409, "appeal-answered")
        await refused(desk.post("/api/v1/appeals/none/answer", json={"words": "再说"}), 404, "not-found")
        await refused(http.post(path, json={"words": "我自己答"}), 403, "forbidden")
    audit = [row[2:] for row in served.rows("audit")["audit"]]
    assert (staff.id, None, "appeal.answer", filed["id"]) in audit


async def test_at_most_five_appeals_are_open(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    body = {"gig_id": offer["gig"]["id"], "words": "为什么"}
    async with served.http(worker) as http:
        for number in range(5):
            await ok(http.post("/api/v1/appeals", json={**body, "words": f"第 {number} 次"}), 201)
        await refused(http.post("/api/v1/appeals", json=body), 409, "too-many-appeals")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"words": "   "}, 422, "validation"),
        ({"words": "长" * 501}, 422, "validation"),
        ({"words": "搬\u0000运"}, 422, "validation"),
        ({"gig_id": ""}, 422, "validation"),
        ({"gig_id": "nothing"}, 404, "not-found"),
        ({"offer_id": "nothing"}, 404, "not-found"),
        ({"boss": True}, 422, "validation"),
    ],
)
async def test_what_is_no_appeal_is_refused(
    served: Serving, changes: dict[str, Any], status: int, code: str
) -> None:
    async with served.http(served.person("worker")) as http:
        body = {"gig_id": "nothing", "words": "为什么", **changes}
        await refused(http.post("/api/v1/appeals", json=body), status, code)


async def test_another_gigs_offer_is_no_ground(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    async with served.http(worker) as http:
        body = {"gig_id": "another", "offer_id": offer["id"], "words": "为什么"}
        await refused(http.post("/api/v1/appeals", json=body), 404, "not-found")
    async with served.http(served.person("employer")) as http:
        await refused(http.post("/api/v1/appeals", json=body), 403, "forbidden")


async def test_the_queue_goes_from_open_to_answered_page_by_page(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    staff = served.person("staff")
    async with served.http(worker) as http, served.http(staff) as desk:
        body = {"gig_id": offer["gig"]["id"]}
        ids = [
            (await ok(http.post("/api/v1/appeals", json={**body, "words": words}), 201))["id"]
            for words in "一二三"
        ]
        await ok(desk.post(f"/api/v1/appeals/{ids[0]}/answer", json={"words": "好"}))
        seen: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await ok(
                desk.get("/api/v1/appeals", params={"limit": 1, **({"cursor": cursor} if cursor else {})})
            )
            seen.extend(page["items"])
            if (cursor := page["next"]) is None:
                break
        for strange in ("?x", "0" * 26, f"7-{'0' * 26}"):
            await refused(desk.get("/api/v1/appeals", params={"cursor": strange}), 422, "validation")
    states = [each["answer"] is not None for each in seen]
    assert states == sorted(states)
    assert [each["id"] for each in seen if each["id"] in ids] == [ids[1], ids[2], ids[0]]
    async with served.http(worker) as http:
        await refused(http.get("/api/v1/appeals"), 403, "forbidden")
