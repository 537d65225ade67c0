"""Who gets in, who may do what, and how a session ends."""

from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gigmarket.edge.app import create_app
from gigmarket.settings import Settings
from gigmarket.wire.values import masked_phone
from tests.serving import Person, Serving, problem_code
from tests.talking import ok, posting, stream_of

ROLES = ("worker", "employer", "clerk", "staff", "kiosk")
PUBLIC = (*ROLES, "nobody")
HERE = {"lat": 28.06, "lng": 115.55, "datum": "wgs84"}
PHONE = "13700000000"

# method, path → who may, and a request that is well-formed: roles are asked before anything else is done.
RULES: dict[tuple[str, str], tuple[tuple[str, ...], Any]] = {
    ("GET", "/healthz"): (PUBLIC, None),
    ("GET", "/readyz"): (PUBLIC, None),
    ("GET", "/metrics"): (PUBLIC, None),
    ("GET", "/api/v1/meta"): (PUBLIC, None),
    ("GET", "/api/v1/trades"): (PUBLIC, None),
    ("GET", "/api/v1/stations"): (PUBLIC, None),
    ("POST", "/api/v1/auth/otp"): (PUBLIC, {"phone": "not asked"}),
    ("POST", "/api/v1/auth/sessions"): (PUBLIC, {"phone": PHONE, "code": "no"}),
    ("GET", "/api/v1/auth/sessions/current"): (ROLES, None),
    ("DELETE", "/api/v1/auth/sessions/current"): (ROLES, None),
    ("POST", "/api/v1/ws-tickets"): (ROLES, None),
    ("GET", "/api/v1/workers/me"): (("worker",), None),
    ("PUT", "/api/v1/workers/me"): (("worker",), {"trades": ["guard"], "mode": "walk"}),
    ("PUT", "/api/v1/workers/me/pin"): (("worker",), {"pin": "4321"}),
    ("GET", "/api/v1/workers/me/presence"): (("worker",), None),
    ("PUT", "/api/v1/workers/me/presence"): (("worker",), {"status": "offline"}),
    ("GET", "/api/v1/workers/me/crew"): (("worker",), None),
    ("POST", "/api/v1/workers/me/crew"): (("worker",), None),
    ("POST", "/api/v1/workers/me/crew/join"): (("worker",), {"code": "000000"}),
    ("POST", "/api/v1/workers/me/crew/leave"): (("worker",), None),
    ("POST", "/api/v1/workers/me/crew/remove"): (("worker",), {"worker_id": "nobody"}),
    ("GET", "/api/v1/workers/me/offers"): (("worker",), None),
    ("GET", "/api/v1/workers/me/assignments"): (("worker",), None),
    ("GET", "/api/v1/gigs/nearby"): (("worker",), None),
    ("POST", "/api/v1/offers/{item}/accept"): (("worker",), None),
    ("POST", "/api/v1/offers/{item}/decline"): (("worker",), None),
    ("POST", "/api/v1/offers/{item}/extend"): (("worker",), None),
    ("POST", "/api/v1/assignments/{item}/call"): (("worker", "employer"), None),
    ("POST", "/api/v1/assignments/{item}/check-in"): (("worker",), {"code": "000000"}),
    ("POST", "/api/v1/assignments/{item}/check-out"): (("worker",), None),
    ("POST", "/api/v1/assignments/{item}/confirm"): (("worker",), None),
    ("POST", "/api/v1/assignments/{item}/dispute"): (("worker",), None),
    ("POST", "/api/v1/assignments/{item}/cancel"): (("worker", "employer"), None),
    ("POST", "/api/v1/assignments/{item}/settle"): (("employer",), {"amount_fen": 1}),
    ("POST", "/api/v1/assignments/{item}/late"): (("worker",), {"minutes": 10}),
    ("POST", "/api/v1/assignments/{item}/vouch"): (("employer",), {"here": True}),
    ("POST", "/api/v1/gigs/{item}/settle"): (
        ("employer",),
        {"payments": [{"assignment_id": "unknown", "amount_fen": 1}]},
    ),
    ("GET", "/api/v1/workers/me/earnings"): (("worker",), None),
    ("POST", "/api/v1/assignments/{item}/no-show"): (("employer",), None),
    ("POST", "/api/v1/auth/sessions/renew"): (("worker", "employer", "kiosk"), None),
    ("GET", "/api/v1/employers/me"): (("employer",), None),
    ("PUT", "/api/v1/employers/me"): (("employer",), {"name": "药都物流"}),
    ("POST", "/api/v1/gigs"): (("employer",), posting(HERE, trade="guard")),
    ("POST", "/api/v1/places/find"): (("employer",), {"q": "路"}),
    ("GET", "/api/v1/gigs"): (("employer",), None),
    ("POST", "/api/v1/gigs/{item}/cancel"): (("employer",), None),
    ("POST", "/api/v1/kiosks"): (("clerk",), {}),
    ("POST", "/api/v1/stations/me/workers"): (
        ("clerk",),
        {"name": "李四", "phone": "13700000002", "pin": "1234", "trades": ["guard"]},
    ),
    ("GET", "/api/v1/kiosks"): (("clerk", "staff"), None),
    ("POST", "/api/v1/kiosks/enrolments"): (PUBLIC, None),
    ("POST", "/api/v1/kiosks/enrolments/approve"): (("clerk", "staff"), {"code": "000000"}),
    ("POST", "/api/v1/kiosks/enrolments/{item}/claim"): (PUBLIC, {"secret": "unknown"}),
    ("POST", "/api/v1/kiosks/{item}/revoke"): (("clerk", "staff"), None),
    ("POST", "/api/v1/kiosks/scan"): (("kiosk",), {"code": "GM1.UNKNOWN.0"}),
    ("POST", "/api/v1/kiosks/clerk"): (("kiosk",), {"phone": "13700000004", "pin": "1234"}),
    ("POST", "/api/v1/kiosks/attendance"): (
        ("kiosk",),
        {"op": "check_in", "at": "2026-11-26T08:00:00+08:00", "assignment_id": "unknown"},
    ),
    ("PUT", "/api/v1/clerks/me/pin"): (("clerk",), {"pin": "1234"}),
    ("POST", "/api/v1/stations/me/workers/act-for"): (("clerk",), {"phone": "13700000003"}),
    ("POST", "/api/v1/stations/me/cards"): (("clerk",), {"phone": "13700000003"}),
    ("POST", "/api/v1/stations/me/cards/revoke"): (("clerk",), {"phone": "13700000003"}),
    ("POST", "/api/v1/assignments/{item}/ticket"): (("worker",), None),
    ("POST", "/api/v1/kiosks/identify"): (("kiosk",), {"phone": PHONE, "pin": "1234"}),
    ("GET", "/api/v1/market/stats"): (("staff", "clerk"), None),
    ("GET", "/api/v1/market/region"): (("staff", "clerk"), None),
    ("GET", "/api/v1/market/map"): (("staff", "clerk"), None),
    ("GET", "/api/v1/market/reach"): (("staff", "clerk"), None),
    ("GET", "/api/v1/market/basemap"): (("staff", "clerk", "employer", "worker"), None),
    ("GET", "/api/v1/stations/{item}/reach"): (("staff", "clerk"), None),
    ("GET", "/api/v1/gigs/{item}/reach"): (("staff",), None),
    ("GET", "/api/v1/market/coverage"): (("staff",), None),
    ("GET", "/api/v1/offers/{item}/why"): (("worker", "employer", "clerk", "staff"), None),
    ("GET", "/api/v1/gigs/unfilled"): (("clerk", "staff"), None),
    ("GET", "/api/v1/gigs/{item}/why"): (("employer", "clerk", "staff"), None),
    ("GET", "/api/v1/workers/me/why-not"): (("worker",), None),
    ("POST", "/api/v1/appeals"): (("worker",), {"gig_id": "unknown", "words": "为什么不派给我"}),
    ("GET", "/api/v1/workers/me/appeals"): (("worker",), None),
    ("GET", "/api/v1/appeals"): (("clerk", "staff"), None),
    ("POST", "/api/v1/appeals/{item}/answer"): (("clerk", "staff"), {"words": "好"}),
    ("GET", "/api/v1/rules"): (PUBLIC, None),
    ("GET", "/api/v1/draws"): (PUBLIC, None),
    ("GET", "/api/v1/draws/{chain}/{turn}"): (PUBLIC, None),
    ("GET", "/api/v1/workers/{item}/groups"): (("clerk", "staff"), None),
    ("PUT", "/api/v1/workers/{item}/groups"): (("clerk", "staff"), {"groups": [], "document": "identity"}),
    ("GET", "/api/v1/reports/fairness"): (("staff",), None),
    ("GET", "/api/v1/offers/pending"): (("clerk", "staff"), None),
    ("POST", "/api/v1/accounts/find"): (("clerk", "staff"), {"role": "worker", "phone": PHONE}),
    ("POST", "/api/v1/accounts/{item}/suspend"): (("staff",), {"reason": "冒用他人证件"}),
    ("POST", "/api/v1/accounts/{item}/restore"): (("staff",), {"reason": "误会"}),
    ("GET", "/api/v1/market/history"): (("clerk", "staff"), None),
    ("GET", "/api/v1/market/history/moment"): (("clerk", "staff"), None),
    ("GET", "/api/v1/queues"): (("clerk", "staff"), None),
    ("GET", "/api/v1/queues/{name}"): (("clerk", "staff"), None),
    ("GET", "/api/v1/workers/{item}/openings"): (("clerk", "staff"), None),
    ("GET", "/api/v1/gigs/{item}/candidates"): (("clerk", "staff"), None),
    ("POST", "/api/v1/gigs/{item}/place"): (("clerk", "staff"), {"worker_id": "unknown", "reason": "等得最久"}),
    ("POST", "/api/v1/gigs/find"): (("clerk", "staff"), {"words": "药材"}),
    ("POST", "/api/v1/accounts/{item}/reveal"): (("clerk", "staff"), {"reason": "打电话告诉本人"}),
    # Who may not see a gig is told that there is none.
    ("GET", "/api/v1/gigs/{item}"): (ROLES, None),
}
QUERY = {"gig": "unknown"}
"""What some routes cannot do without; the others do not look at it."""


async def test_every_route_has_a_rule(served: Serving) -> None:
    async with served.http() as http:
        paths = (await ok(http.get("/openapi.json")))["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == RULES.keys()


@pytest.mark.parametrize(("method", "path"), RULES, ids=lambda part: part)
async def test_a_route_is_for_its_roles_only(served: Serving, method: str, path: str) -> None:
    allowed, body = RULES[method, path]
    for role in PUBLIC:
        person = None if role == "nobody" else served.person(role)
        async with served.http(person) as http:
            response = await http.request(method, path.replace("{item}", "unknown"), json=body, params=QUERY)
        if role in allowed:
            expected = response.status_code < 500 and response.status_code not in (401, 403)
            assert expected, f"{role}: {response.status_code} {response.text}"
        else:
            code = "unauthenticated" if role == "nobody" else "forbidden"
            assert (response.status_code, problem_code(response.content)) == (
                401 if role == "nobody" else 403,
                code,
            ), f"{role}: {response.text}"


async def code_sent_to(served: Serving, phone: str) -> str:
    """Ask for a code, and read it in the demo's inbox."""
    async with served.http() as http:
        assert (await ok(http.post("/api/v1/auth/otp", json={"phone": phone}), 202)) == {"expires_in_s": 300}
        inbox = (await ok(http.get("/demo/inbox.json")))["items"]
    text = next(item["text"] for item in inbox if item["to"] == masked_phone(phone))
    return str(next(word for word in text.replace("，", " ").split() if word.isdigit() and len(word) == 6))


async def test_log_in_by_code_sign_up_included(served: Serving) -> None:
    phone = "13600000001"
    login = {"phone": phone, "role": "worker"}
    async with served.http() as http:
        login["code"] = await code_sent_to(served, phone)
        nameless = await http.post("/api/v1/auth/sessions", json=login)
        assert (nameless.status_code, nameless.json()["errors"][0]["path"]) == (422, "name")
        session = await ok(http.post("/api/v1/auth/sessions", json={**login, "name": "王五"}), 201)
        assert session["account"]["name"] == "王五"
        bearer = {"Authorization": f"Bearer {session['token']}"}
        me = await ok(http.get("/api/v1/auth/sessions/current", headers=bearer))
        assert me == session["account"]

        spent = await http.post("/api/v1/auth/sessions", json={**login, "name": "王五"})
        assert (spent.status_code, problem_code(spent.content)) == (422, "wrong-code")
        login["code"] = await code_sent_to(served, phone)
        again = await ok(http.post("/api/v1/auth/sessions", json=login), 201)
        assert again["account"]["id"] == session["account"]["id"]


async def test_a_code_is_good_for_five_tries(served: Serving) -> None:
    phone = "13600000002"
    code = await code_sent_to(served, phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    login = {"phone": phone, "role": "worker", "name": "王五"}
    async with served.http() as http:
        for _ in range(5):
            refused = await http.post("/api/v1/auth/sessions", json={**login, "code": wrong})
            assert (refused.status_code, problem_code(refused.content)) == (422, "wrong-code")
        late = await http.post("/api/v1/auth/sessions", json={**login, "code": code})
        assert (late.status_code, problem_code(late.content)) == (422, "wrong-code")


async def test_codes_and_logins_are_limited(served: Serving) -> None:
    phone = "13600000003"
    async with served.http() as http:
        for _ in range(5):
            await ok(http.post("/api/v1/auth/otp", json={"phone": phone}), 202)
        refused = await http.post("/api/v1/auth/otp", json={"phone": phone})
    assert (refused.status_code, problem_code(refused.content)) == (429, "rate-limited")
    assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.parametrize("role", ["clerk", "staff", "kiosk"])
async def test_nobody_makes_themselves_a_clerk(served: Serving, role: str) -> None:
    phone = f"1360000001{len(role)}"
    code = await code_sent_to(served, phone)
    async with served.http() as http:
        body = {"phone": phone, "code": code, "role": role, "name": "我"}
        refused = await http.post("/api/v1/auth/sessions", json=body)
    assert (refused.status_code, problem_code(refused.content)) == (403, "forbidden")


async def test_a_clerk_logs_in_by_code(served: Serving) -> None:
    clerk = served.person("clerk", "李协管")
    code = await code_sent_to(served, clerk.phone)
    async with served.http() as http:
        body = {"phone": clerk.phone, "code": code, "role": "clerk"}
        session = await ok(http.post("/api/v1/auth/sessions", json=body), 201)
    assert session["account"]["station_id"] is not None


async def test_a_cookie_counts_only_with_x_client(served: Serving) -> None:
    current = "/api/v1/auth/sessions/current"
    async with served.http() as http:
        answer = await http.post("/demo/login", json={"role": "worker"})
        attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert (await http.get(current)).status_code == 401
        assert (await http.get(current, headers={"X-Client": "employer"})).status_code == 401
        me = await ok(http.get(current, headers={"X-Client": "worker"}))
        assert me == answer.json()
        posted = await http.post("/api/v1/ws-tickets")
        assert (posted.status_code, problem_code(posted.content)) == (401, "unauthenticated")

        await ok(http.delete(current, headers={"X-Client": "worker"}), 204)
        assert "gm_worker" not in http.cookies
        assert (await http.get(current, headers={"X-Client": "worker"})).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer gm_made_up", "bearer \u00e9"])
async def test_what_is_no_token_is_nobody(served: Serving, header: str) -> None:
    async with served.http() as http:
        headers = {"Authorization": header.encode("latin-1")}
        refused = await http.get("/api/v1/auth/sessions/current", headers=headers)  # type: ignore[arg-type]
    assert (refused.status_code, problem_code(refused.content)) == (401, "unauthenticated")


async def test_logging_out_ends_the_session_and_its_sockets_only(served: Serving) -> None:
    phone = "13600000020"
    here, there = served.person("worker", phone=phone), served.person("worker", phone=phone)
    assert here.id == there.id
    async with stream_of(served, here) as mine, stream_of(served, there) as other:
        async with served.http(here) as http:
            await ok(http.get("/api/v1/auth/sessions/current"))
            await ok(http.delete("/api/v1/auth/sessions/current"), 204)
            assert (await http.get("/api/v1/auth/sessions/current")).status_code == 401
        assert await mine.closed() == 4502
        assert (await other.command("presence.set", {"status": "offline"}))["ok"]


async def test_a_page_of_another_site_gets_no_socket(served: Serving) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(served.ws_url, origin="https://elsewhere.example"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403
    async with connect(served.ws_url, origin=served.url):  # type: ignore[arg-type]
        pass


async def test_the_kiosk_from_the_clerk_to_the_accepted_offer(served: Serving) -> None:
    async with served.http() as http:
        station = (await ok(http.get("/api/v1/stations")))["items"][3]
    clerk = served.person("clerk", station=station["id"])
    employer, phone = served.person("employer", "药都园林"), "13600000030"
    async with served.http(clerk) as http:
        kiosk = _person(await ok(http.post("/api/v1/kiosks", json={}), 201), "")
        assert kiosk.role == "kiosk"
        entered = {"name": "赵六", "phone": phone, "pin": "2468", "trades": ["gardener"], "mode": "walk"}
        worker_id = (await ok(http.post("/api/v1/stations/me/workers", json=entered), 201))["id"]

    async with stream_of(served, kiosk) as hall, served.http(kiosk) as screen:
        assert hall.state["station"]["id"] == station["id"]
        session = await ok(screen.post("/api/v1/kiosks/identify", json={"phone": phone, "pin": "2468"}), 201)
        worker = _person(session, phone)
        assert (worker.id, session["account"]["station_id"]) == (worker_id, station["id"])
        async with served.http(worker) as standing:
            presence = {"status": "available", "in_hall": True}
            now = await ok(standing.put("/api/v1/workers/me/presence", json=presence))
            assert now["station_id"] == station["id"]
            joined = await hall.event("hall.joined")
            assert joined["data"]["worker"]["name"] == "赵*"

            site = {**station["position"]}
            async with served.http(employer) as office:
                gig = await ok(office.post("/api/v1/gigs", json=posting(site, trade="gardener")), 201)
            call = (await hall.event("offer.created"))["data"]["offer"]
            assert (call["worker"], call["gig_id"]) == ({"name": "赵*", "phone": None}, gig["id"])

            (offer,) = (await ok(standing.get("/api/v1/workers/me/offers")))["items"]
            assert offer["id"] == call["id"]
            taken = (await ok(standing.post(f"/api/v1/offers/{offer['id']}/accept")))["assignment"]
            told = (await hall.event("assignment.created"))["data"]["assignment"]
            assert (told["id"], told["offer_id"]) == (taken["id"], offer["id"])

            await ok(standing.put("/api/v1/workers/me/presence", json={"status": "offline"}))
            assert (await hall.event("hall.left"))["data"]["worker"]["id"] == worker.id
            await ok(standing.delete("/api/v1/auth/sessions/current"), 204)

    audit = [row[2:] for row in served.rows("audit")["audit"]]
    assert (clerk.id, None, "worker.register", worker.id) in audit
    assert (clerk.id, None, "kiosk.open", kiosk.id) in audit
    assert (kiosk.id, None, "kiosk.identify", worker.id) in audit
    assert (worker.id, kiosk.id, "offer.accept", offer["id"]) in audit


async def test_a_wrong_pin_is_refused_and_then_limited(served: Serving) -> None:
    worker, kiosk = served.person("worker"), served.person("kiosk")
    async with served.http(worker) as http:
        await ok(http.put("/api/v1/workers/me/pin", json={"pin": "1357"}), 204)
    async with served.http(kiosk) as http:
        for _ in range(5):
            wrong = await http.post("/api/v1/kiosks/identify", json={"phone": worker.phone, "pin": "0000"})
            assert (wrong.status_code, problem_code(wrong.content)) == (401, "unauthenticated")
        right = await http.post("/api/v1/kiosks/identify", json={"phone": worker.phone, "pin": "1357"})
    assert (right.status_code, problem_code(right.content)) == (429, "rate-limited")


async def test_staff_see_the_live_market(served: Serving) -> None:
    staff = served.person("staff")
    async with stream_of(served, staff) as screen:
        assert screen.state == {}
        heard: dict[str, Any] = {}
        while heard.keys() != {"market.counters", "market.cells"}:
            frame = await screen.hear()
            assert frame["t"] == "state"
            heard[frame["key"]] = frame["data"]
    async with served.http(staff) as http:
        stats = await ok(http.get("/api/v1/market/stats"))
    assert stats.keys() == heard["market.counters"].keys()


def test_limits_can_be_switched_off_on_loopback_only() -> None:
    assert not Settings(rate_limits="off", host="127.0.0.1").limited()
    assert not Settings(rate_limits="off", host="::1").limited()
    assert Settings(rate_limits="off", host="0.0.0.0").limited()
    assert Settings(rate_limits="off", host="market.example").limited()


@pytest.mark.parametrize(("demo", "status"), [(True, 405), (False, 404)])
async def test_without_the_demo_there_are_no_ready_made_people(demo: bool, status: int) -> None:
    transport = httpx2.ASGITransport(create_app(Settings(demo=demo)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://market") as http:
        assert (await http.get("/demo/login")).status_code == status


def _person(session: dict[str, Any], phone: str) -> Person:
    account = session["account"]
    return Person(account["role"], phone, account["id"], session["token"])
