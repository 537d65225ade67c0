"""A crew over both transports: one code, one answer for all, nobody else's business."""

from typing import Any

from tests.serving import Person, Serving, place, problem_code
from tests.talking import eventually, go_available, ok, post_gig, posting, stream_of

CREW = "/api/v1/workers/me/crew"


async def together(served: Serving, where: dict[str, object]) -> tuple[Person, Person]:
    """Two who look for work together; the first leads."""
    leader, mate = served.person("worker", "周福生"), served.person("worker", "郑小红")
    for worker in (leader, mate):
        await go_available(served, worker, where)
    async with served.http(leader) as first, served.http(mate) as second:
        code = (await ok(first.post(CREW)))["crew"]["code"]
        await ok(second.post(f"{CREW}/join", json={"code": code}))
    return leader, mate


async def test_the_dispatcher_asks_both_and_one_answers(served: Serving) -> None:
    where = place()
    leader, mate = await together(served, where)
    async with stream_of(served, leader) as one, stream_of(served, mate) as other:
        assert [each["name"] for each in one.state["crew"]["members"]] == ["周*", "郑*"]
        assert (one.state["crew"]["leads"], other.state["crew"]["leads"], other.state["crew"]["code"]) == (
            True,
            False,
            None,
        )
        employer = served.person("employer", "药都物流")
        gig = await post_gig(served, employer, where, headcount=2, trade="porter")
        mine, theirs = [(await each.event("offer.created"))["data"]["offer"] for each in (one, other)]
        assert [each["together"]["leads"] for each in (mine, theirs)] == [True, False]
        refused = await other.command("offer.accept", {"offer_id": theirs["id"]})
        assert refused["problem"]["type"] == "/problems/forbidden"
        done = await one.command("offer.accept", {"offer_id": mine["id"]})
        assignment = done["data"]["assignment"]
        assert assignment["together"] == {"crew_id": mine["together"]["crew_id"], "size": 2, "leads": True}
        assert (await other.event("assignment.created"))["data"]["assignment"]["status"] == "confirmed"
        code = gig["site_code"]
        await one.command(
            "assignment.check_in", {"assignment_id": assignment["id"], "code": code, "crew": True}
        )
        assert (await other.event("assignment.updated"))["data"]["assignment"]["status"] == "checked_in"
    async with served.http(leader) as http, served.http(mate) as mates:
        path = f"/api/v1/assignments/{assignment['id']}/check-out"
        assert (await ok(http.post(path, json={"crew": True})))["status"] == "completed"
        (held,) = (await ok(mates.get("/api/v1/workers/me/assignments")))["items"]
        assert held["status"] == "completed"
    async with served.http(employer) as http:
        people = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["assignments"]
        assert {each["together"]["size"] for each in people} == {2}


async def test_one_seat_is_not_for_two_and_both_are_told_why(served: Serving) -> None:
    where = place()
    people = await together(served, where)
    gig = await post_gig(served, served.person("employer"), where, trade="porter")
    for worker in people:
        async with served.http(worker) as http:

            async def told(client: Any = http) -> Any:
                why = await ok(client.get("/api/v1/workers/me/why-not", params={"gig": gig["id"]}))
                return why if why["basis"] == "recorded" else None

            why = await eventually(told, "a round has looked at the gig")
            assert (why["reason"], why["zh"]) == (
                "together",
                "您是结伴找活的，要去一起去。这份活眼下不是人人合适，或者空位不够。"
                "想自己接，在“我”里退出结伴。",
            )


async def test_a_posting_for_two_who_come_together(served: Serving) -> None:
    where = place()
    alone = served.person("worker")
    await go_available(served, alone, where)
    employer = served.person("employer")
    gig = await post_gig(served, employer, where, headcount=2, min_crew=2, trade="porter")
    assert gig["min_crew"] == 2
    async with served.http(employer) as http, served.http(alone) as worker:

        async def told() -> Any:
            why = await ok(http.get(f"/api/v1/gigs/{gig['id']}/why"))
            return why if why["basis"] == "recorded" else None

        why = await eventually(told, "a round has looked at the gig")
        assert [(each["code"], each["workers"]) for each in why["advice"]] == [("anybody", 1)]
        mine = await ok(worker.get("/api/v1/workers/me/why-not", params={"gig": gig["id"]}))
        assert (mine["reason"], mine["zh"]) == (
            "crew_wanted",
            "这份活要至少 2 个人结伴来。有同伴的话，在“我”里结伴找活。",
        )
    leader, _ = await together(served, where)
    async with served.http(leader) as http:

        async def asked() -> Any:
            return (await ok(http.get("/api/v1/workers/me/offers")))["items"]

        (offer,) = await eventually(asked, "the crew is asked")
        assert offer["gig"]["min_crew"] == 2
    async with served.http(employer) as http:
        for least, path in ((3, "min_crew"), (0, "min_crew")):
            bad = await http.post("/api/v1/gigs", json=posting(where, headcount=2, min_crew=least))
            assert bad.status_code == 422
            assert [each["path"] for each in bad.json()["errors"]] == [path]


async def test_who_leaves_is_asked_alone(served: Serving) -> None:
    where = place()
    leader, mate = await together(served, where)
    gig = await post_gig(served, served.person("employer"), where, trade="porter")
    async with served.http(mate) as http, served.http(leader) as others:
        assert (await ok(http.post(f"{CREW}/leave")))["crew"] is None
        assert (await ok(http.post(f"{CREW}/leave")))["crew"] is None
        assert len((await ok(others.get(CREW)))["crew"]["members"]) == 1

        async def asked() -> list[Any]:
            found = [await ok(each.get("/api/v1/workers/me/offers")) for each in (http, others)]
            return [offer for page in found for offer in page["items"]]

        (offer,) = await eventually(asked, "one of the two is asked")
        assert (offer["gig"]["id"], offer["together"]) == (gig["id"], None)


async def test_bad_steps_are_typed_problems(served: Serving) -> None:
    where = place()
    leader, mate = await together(served, where)
    stranger = served.person("worker")
    async with served.http(leader) as first, served.http(mate) as second, served.http(stranger) as third:
        for asked, status, code in (
            (third.post(f"{CREW}/join", json={"code": "12345"}), 422, "validation"),
            (third.post(f"{CREW}/join", json={}), 422, "validation"),
            (third.post(f"{CREW}/remove", json={"worker_id": mate.id}), 404, "not-found"),
            (second.post(f"{CREW}/remove", json={"worker_id": leader.id}), 403, "forbidden"),
            (second.post(CREW), 403, "forbidden"),
            (first.post(f"{CREW}/remove", json={"worker_id": stranger.id}), 404, "not-found"),
        ):
            response = await asked
            assert (response.status_code, problem_code(response.content)) == (status, code), response.text
        good = (await ok(first.get(CREW)))["crew"]["code"]
        wrong = await third.post(f"{CREW}/join", json={"code": f"{(int(good) + 1) % 1_000_000:06d}"})
        assert problem_code(wrong.content) == "wrong-code"
        assert len((await ok(first.get(CREW)))["crew"]["members"]) == 2
