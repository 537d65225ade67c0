"""The desk over HTTP: from the list of who waits to a seat, and the answer to why."""

from typing import Any

import httpx2

from tests.ageing import has_waited, is_old
from tests.serving import Person, Serving, place, problem_code
from tests.talking import eventually, go_available, offered, ok, post_gig, stream_of


def clerk_of(served: Serving) -> Person:
    return served.person("clerk", "李协管", station="zs-dianxia")


async def opening(http: httpx2.AsyncClient, worker: Person, gig: str) -> dict[str, Any]:
    items = (await ok(http.get(f"/api/v1/workers/{worker.id}/openings")))["items"]
    return dict(next(each for each in items if each["gig_id"] == gig))


async def test_from_the_list_to_a_seat(served: Serving) -> None:
    where = place()
    worker, employer = served.person("worker", "王小明"), served.person("employer", "药都物流")
    # Nobody of this trade: the round finds no one, the desk does.
    await go_available(served, worker, where, ("guard",))
    gig = await post_gig(served, employer, where, trade="porter")
    async with served.http(clerk_of(served)) as http, stream_of(served, worker) as phone:
        chance = await opening(http, worker, gig["id"])
        assert (chance["obstacle"], chance["concerns"], chance["free_seats"]) == (None, ["trade"], 1)
        (one,) = [
            each
            for each in (await ok(http.get(f"/api/v1/gigs/{gig['id']}/candidates")))["items"]
            if each["worker_id"] == worker.id
        ]
        assert (one["name"], one["concerns"]) == ("王*", ["trade"])
        asked = {"worker_id": worker.id, "reason": "会搬运，只是没填"}
        path, key = f"/api/v1/gigs/{gig['id']}/place", {"Idempotency-Key": "place-1"}
        made = await ok(http.post(path, json=asked, headers=key), 201)
        assert await ok(http.post(path, json=asked, headers=key), 201) == made
        offer = (await phone.event("offer.created"))["data"]["offer"]
        assert (offer["id"], made["assignment"]) == (made["offer"]["id"], None)
        other = await http.post(path, json=asked)
        assert (other.status_code, problem_code(other.content)) == (409, "not-placeable")
        result = await phone.command("offer.accept", {"offer_id": offer["id"]})
        assert result["ok"]
        why = await ok(http.get(f"/api/v1/gigs/{gig['id']}/why", params={"worker": worker.id}))
        assert why["worker"]["zh"] == "由工作人员安排，理由：会搬运，只是没填"
        (past,) = why["history"]
        assert (past["status"], past["by_hand"]) == ("accepted", "会搬运，只是没填")


async def test_at_the_desk_in_one_act(served: Serving) -> None:
    where = place()
    worker, employer = served.person("worker", "王小明"), served.person("employer", "药都物流")
    gig = await post_gig(served, employer, where)
    async with served.http(clerk_of(served)) as http:
        # The desk stands elsewhere, far too far from this site to be there in time.
        asked = {"worker_id": worker.id, "reason": "等得最久", "agreed": True}
        late = await http.post(f"/api/v1/gigs/{gig['id']}/place", json=asked)
        assert (problem_code(late.content), late.json()["errors"][0]["reason"]) == ("not-placeable", "too_late")
    async with served.http(served.person("staff")) as http:
        unknown = await http.post(f"/api/v1/gigs/{gig['id']}/place", json=asked)
        assert (unknown.status_code, unknown.json()["errors"][0]["path"]) == (422, "worker_id")
        await go_available(served, worker, where, ("guard",))
        made = await ok(http.post(f"/api/v1/gigs/{gig['id']}/place", json=asked), 201)
        assert (made["assignment"]["status"], made["assignment"]["worker"]["name"]) == ("confirmed", "王小明")
    async with served.http(worker) as http:
        mine = (await ok(http.get("/api/v1/workers/me/assignments")))["items"]
        assert [each["id"] for each in mine] == [made["assignment"]["id"]]


async def test_the_queue_shows_an_offer_on_no_screen(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    async with served.http(served.person("staff")) as http:

        async def listed() -> list[dict[str, Any]]:
            view = await ok(http.get("/api/v1/queues"))
            return [each for each in view["undelivered"]["items"] if each["offer_id"] == offer["id"]]

        # On its way for seconds, it is nobody's task yet.
        assert await listed() == []
        is_old(served, offer["id"])
        (shown,) = await eventually(listed, "it is on the list")
        assert shown["worker_id"] == worker.id
        seen = await ok(http.post(f"/api/v1/accounts/{worker.id}/reveal", json={"reason": "打电话告诉本人"}))
        assert seen == {"name": "张三", "phone": worker.phone}
        bad = await http.get("/api/v1/queues", params={"town": "没有这个镇"})
        assert (bad.status_code, bad.json()["errors"][0]["path"]) == (422, "town")


async def test_a_list_goes_on_page_by_page(served: Serving) -> None:
    people, where = [served.person("worker", name) for name in ("陈一", "陈二", "陈三")], place()
    for worker in people:
        await go_available(served, worker, where, ("gardener",))
    # Before anybody whom another test let wait.
    has_waited(served, *people, hours=1000)
    async with served.http(clerk_of(served)) as http:
        first = await ok(http.get("/api/v1/queues/waiting", params={"limit": 2}))
        assert [each["worker_id"] for each in first["items"]] == [each.id for each in people[:2]]
        after = {"limit": 2, "cursor": first["next"]}
        second = await ok(http.get("/api/v1/queues/waiting", params=after))
        assert second["items"][0]["worker_id"] == people[2].id
        for name in ("never", "undelivered", "missed", "unpaid"):
            page = await ok(http.get(f"/api/v1/queues/{name}", params={"town": "店下镇"}))
            assert page.keys() == {"items", "next"}
        bad = await http.get("/api/v1/queues/waiting", params={"cursor": "x"})
        assert (bad.status_code, bad.json()["errors"][0]["path"]) == (422, "cursor")
        unknown = await http.get("/api/v1/queues/nothing")
        assert unknown.status_code == 422


async def test_a_gig_is_found_by_its_words(served: Serving) -> None:
    employer = served.person("employer", "百分号 100% 公司")
    gig = await post_gig(served, employer, place(), title="分拣黄栀子")
    async with served.http(clerk_of(served)) as http:

        async def found(words: str) -> set[str]:
            items = (await ok(http.post("/api/v1/gigs/find", json={"words": words})))["items"]
            return {each["gig_id"] for each in items}

        assert await found("黄栀子") == await found(" 100% 公司 ") == {gig["id"]}
        assert gig["id"] in await found("")
        assert await found("黄%子") == set()
        refused = await http.post("/api/v1/accounts/find", json={"role": "employer", "phone": employer.phone})
        assert (refused.status_code, problem_code(refused.content)) == (403, "forbidden")
        known = served.person("worker", "王小明")
        shown = await ok(http.post("/api/v1/accounts/find", json={"role": "worker", "phone": known.phone}))
        assert (shown["id"], shown["name"]) == (known.id, "王*")
