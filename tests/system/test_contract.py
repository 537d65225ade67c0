"""The black-box contract's transcript, field by field, against a real server."""

import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.serving import Person, Serving, beside, command, place, problem_code, serving, wait_until
from tests.talking import Stream, eventually, go_available, offered, ok, post_gig, posting, stream_of

pytestmark = pytest.mark.system

TRADES = {
    *("porter", "cleaner", "packer", "builder", "kitchen", "waiter"),
    *("warehouse", "gardener", "herb_sorter", "assembler", "driver", "guard"),
}


async def test_one_gig_from_nothing_to_done(tmp_path: Path) -> None:
    # The transcript's own places are the middle of a town in which other tests post gigs, too.
    with serving(tmp_path) as market:
        await transcript(market, market.person("worker", "王小明"), market.person("employer", "药都物流"))


async def transcript(served: Serving, worker: Person, employer: Person) -> None:
    """The whole of "One gig, from nothing to done"."""
    async with served.http(worker) as w, served.http(employer) as e:
        await ok(w.put("/api/v1/workers/me", json={"trades": ["porter"], "mode": "ebike", "floor_wage_fen": 0}))
        position = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
        presence = {"status": "available", "position": position}
        assert (await ok(w.put("/api/v1/workers/me/presence", json=presence)))["status"] == "available"

        ticket = (await ok(w.post("/api/v1/ws-tickets"), 201))["ticket"]
        async with connect(served.ws_url, compression=None) as socket, stream_of(served, employer) as hers:
            mine = Stream(socket)
            await mine.say({"t": "hello", "ticket": ticket})
            welcome = await mine.hear()
            assert welcome["t"] == "welcome"
            assert isinstance(welcome["epoch"], str)
            assert (welcome["seq"], welcome["resumed"]) == (0, False)
            assert welcome["heartbeat_s"] == 25
            snapshot = await mine.hear()
            assert (snapshot["t"], snapshot["seq"]) == ("snapshot", 0)
            assert snapshot["state"]["offers"] == snapshot["state"]["assignments"] == []

            site = {"lat": 28.0600, "lng": 115.5500, "datum": "wgs84"}
            gig = await ok(e.post("/api/v1/gigs", json=posting(site)), 201)
            assert (gig["status"], gig["headcount"], gig["filled"]) == ("open", 1, 0)

            created = await mine.hear()
            assert (created["t"], created["seq"], created["kind"]) == ("event", 1, "offer.created")
            offer = created["data"]["offer"]
            assert datetime.fromisoformat(created["at"]) <= datetime.now(UTC)
            assert datetime.fromisoformat(offer["expires_at"]) > datetime.now(UTC)
            assert 0 < offer["travel_s"] <= 900
            assert (offer["gig"]["id"], offer["gig"]["title"]) == (gig["id"], "搬运药材")

            accept = {"t": "command", "id": "c1", "op": "offer.accept", "args": {"offer_id": offer["id"]}}
            await mine.say(accept)
            result = await mine.hear()
            assert (result["t"], result["id"], result["ok"]) == ("result", "c1", True)
            assignment = result["data"]["assignment"]
            assert assignment["status"] == "confirmed"
            told = await mine.hear()
            assert (told["t"], told["seq"], told["kind"]) == ("event", 2, "assignment.created")
            assert told["data"]["assignment"]["id"] == assignment["id"]

            heard = (await hers.event("assignment.created"))["data"]["assignment"]
            assert (heard["id"], heard["gig_id"], heard["status"]) == (assignment["id"], gig["id"], "confirmed")
            assert heard["worker"]["name"] == "王小明"

            await mine.say({**accept, "id": "c2"})
            again = await mine.hear()
            assert (again["id"], again["ok"]) == ("c2", True)
            assert again["data"] == result["data"]

        seen = await ok(e.get(f"/api/v1/gigs/{gig['id']}"))
        assert (seen["status"], seen["filled"]) == ("filled", 1)
        assert [(a["id"], a["status"]) for a in seen["assignments"]] == [(assignment["id"], "confirmed")]
        mine_now = await ok(w.get("/api/v1/workers/me/assignments"))
        assert [a["id"] for a in mine_now["items"]] == [assignment["id"]]
        assert mine_now["next"] is None

        path = f"/api/v1/assignments/{assignment['id']}"
        done = await ok(w.post(f"{path}/check-in", json={"code": seen["site_code"]}))
        assert (done["id"], done["status"]) == (assignment["id"], "checked_in")
        assert (await ok(w.get("/api/v1/workers/me/presence")))["status"] == "engaged"
        assert (await ok(w.post(f"{path}/check-out")))["status"] == "completed"
        paid = await ok(e.post(f"{path}/settle", json={"amount_fen": 18000}))
        assert (paid["status"], paid["paid_fen"]) == ("completed", 18000)
        assert (await ok(w.post(f"{path}/confirm")))["status"] == "settled"
        assert (await ok(e.get(f"/api/v1/gigs/{gig['id']}")))["status"] == "completed"


async def test_a_worker_hired_for_later_stays_available_for_other_hours(served: Serving) -> None:
    where = place()
    worker, employer, offer = await offered(served, where)
    now = datetime.now(UTC)
    hours = {
        "starts_at": (now + timedelta(hours=6)).isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
    }
    async with stream_of(served, worker) as mine:
        assert (await mine.command("offer.accept", {"offer_id": offer["id"]}))["ok"]
        await post_gig(served, employer, where)  # the same hours: not for this worker
        later = await post_gig(served, employer, where, **hours)
        event = await mine.event("offer.created")
        assert event["data"]["offer"]["gig"]["id"] == later["id"]


async def test_paying_more_is_allowed_and_less_needs_a_reason_and_can_be_disputed(served: Serving) -> None:
    where = place()
    worker, employer, offer = await offered(served, where)
    async with served.http(worker) as w, served.http(employer) as e:
        assignment = (await ok(w.post(f"/api/v1/offers/{offer['id']}/accept")))["assignment"]
        gig = await ok(e.get(f"/api/v1/gigs/{assignment['gig_id']}"))
        path = f"/api/v1/assignments/{assignment['id']}"
        await ok(w.post(f"{path}/check-in", json={"code": gig["site_code"]}))
        await ok(w.post(f"{path}/check-out"))
        refused = await e.post(f"{path}/settle", json={"amount_fen": 17999})
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "reason")
        await ok(e.post(f"{path}/settle", json={"amount_fen": 17999, "reason": "来晚了"}))
        assert (await ok(w.post(f"{path}/dispute", json={"reason": "没有晚"})))["status"] == "disputed"
        await ok(e.post(f"{path}/settle", json={"amount_fen": 20000}))
        assert (await ok(w.post(f"{path}/confirm")))["paid_fen"] == 20000


async def test_anothers_gig_is_not_found(served: Serving) -> None:
    gig = await post_gig(served, served.person("employer"), place())
    async with served.http(served.person("employer")) as http:
        response = await http.get(f"/api/v1/gigs/{gig['id']}")
    assert (response.status_code, problem_code(response.content)) == (404, "not-found")


async def test_lists_are_pages_with_a_cursor(served: Serving) -> None:
    employer, where = served.person("employer"), place()
    posted = [(await post_gig(served, employer, where))["id"] for _ in range(5)]
    async with served.http(employer) as http:
        pages: list[str] = []
        cursor = ""
        while True:
            page = await ok(
                http.get("/api/v1/gigs", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
            )
            pages.extend(gig["id"] for gig in page["items"])
            if page["next"] is None:
                break
            cursor = page["next"]
        assert pages == posted[::-1]
        for damaged in ("zzz", "", "../../", "\x00", cursor[:-1], cursor + "0", cursor.upper()):
            response = await http.get("/api/v1/gigs", params={"cursor": damaged})
            assert (response.status_code, problem_code(response.content)) == (422, "validation")


async def test_workers_find_gigs_nearby_by_area_only(served: Serving) -> None:
    where = place()
    worker = served.person("worker")
    await go_available(served, worker, where)
    away = await post_gig(served, served.person("employer"), where, trade="guard")
    gig = await post_gig(served, served.person("employer"), beside(where, 100), headcount=2)

    async def found() -> list[dict[str, object]]:
        async with served.http(worker) as http:
            items: list[dict[str, object]] = (await ok(http.get("/api/v1/gigs/nearby")))["items"]
            return items if items and items[0]["free_seats"] == 1 else []

    # One of the two seats is held for this very worker.
    (near,) = await eventually(found, "the gig is in the index and offered")
    assert near["gig"]["id"] == gig["id"] != away["id"]
    assert near["gig"]["site"] is near["gig"]["employer_phone"] is None
    async with served.http(worker) as http:
        page = await ok(http.get("/api/v1/gigs/nearby"))
    assert page["others"] == [{"trade": "guard", "gigs": 1, "seats": 1}]


@pytest.mark.parametrize("path", ["/", "/kiosk/", "/worker/", "/employer/", "/staff/"])
async def test_the_pages_are_there(served: Serving, path: str) -> None:
    async with served.http() as http:
        response = await http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in response.headers["content-security-policy"]


async def test_documents_health_and_metrics(served: Serving) -> None:
    async with served.http() as http:
        openapi = await ok(http.get("/openapi.json"))
        assert "/api/v1/gigs/{item}" in openapi["paths"]
        asyncapi = await ok(http.get("/asyncapi.json"))
        assert asyncapi["channels"]["stream"]["address"] == "/ws"
        assert (await ok(http.get("/healthz")))["status"] == "ok"
        ready = await ok(http.get("/readyz"))
        assert (ready["sql"], ready["live"]) == ("ok", "ok")
        metrics = await http.get("/metrics")
        assert "gigmarket_open_gigs" in metrics.text
        trades = await ok(http.get("/api/v1/trades"))
        assert {trade["code"] for trade in trades["items"]} >= TRADES
        assert all(trade["zh"] and trade["en"] for trade in trades["items"])


async def test_session_create_prints_one_token_and_nothing_else(served: Serving) -> None:
    words = ("session", "create", "--data", str(served.data), "--role", "employer")
    made = subprocess.run(
        command(*words, "--name", "药都物流", "--phone", "13800000012"),
        capture_output=True,
        text=True,
        check=True,
        env=served.environment,
    )
    token, end = made.stdout.split("\n")
    assert (len(token.split()), end) == (1, "")
    async with served.http() as http:
        me = await ok(http.get("/api/v1/auth/sessions/current", headers={"Authorization": f"Bearer {token}"}))
    assert (me["role"], me["name"]) == ("employer", "药都物流")


async def test_posting_while_the_live_store_is_down_is_201_and_dispatch_follows(breakable: Serving) -> None:
    where = place()
    worker, employer = breakable.person("worker"), breakable.person("employer")
    await go_available(breakable, worker, where)
    async with stream_of(breakable, worker) as mine:
        # With its supervisor stopped, a killed store stays away until we say so.
        os.kill(breakable.process.pid, signal.SIGSTOP)
        os.kill(breakable.children()["valkey"], signal.SIGKILL)
        wait_until(lambda: "valkey" not in breakable.children(), "the store is gone")
        gig = await post_gig(breakable, employer, where)
        async with breakable.http(worker) as http:
            refused = await http.post("/api/v1/ws-tickets")
            assert (refused.status_code, problem_code(refused.content)) == (503, "unavailable")
            assert int(refused.headers["retry-after"]) >= 1
            assert (await ok(http.get("/readyz")))["live"] == "down"
        os.kill(breakable.process.pid, signal.SIGCONT)
        event = await mine.event("offer.created")
        assert event["data"]["offer"]["gig"]["id"] == gig["id"]
