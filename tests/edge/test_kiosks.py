"""Kiosks over HTTP: enrolment, what a ticket opens and what not, revocation while open, clerk mode."""

from datetime import UTC, datetime

from tests.serving import Person, Serving, place, problem_code
from tests.talking import Stream, assigned, ok, stream_of

STATION = "zs-city"


def _guest(session: dict[str, object]) -> Person:
    account = session["account"]
    assert isinstance(account, dict)
    return Person(str(account["role"]), "", str(account["id"]), str(session["token"]))


async def test_a_screen_shows_a_code_and_staff_let_it_in(served: Serving) -> None:
    staff = served.person("staff")
    async with served.http() as screen, served.http(staff) as desk:
        made = await ok(screen.post("/api/v1/kiosks/enrolments"), 201)
        claim, secret = f"/api/v1/kiosks/enrolments/{made['id']}/claim", {"secret": made["secret"]}
        assert (await ok(screen.post(claim, json=secret)))["status"] == "waiting"
        approved = {"code": made["code"], "station_id": STATION}
        kiosk = await ok(desk.post("/api/v1/kiosks/enrolments/approve", json=approved), 201)
        assert (await screen.post(claim, json={"secret": "guessed"})).status_code == 404
        answer = await screen.post(claim, json=secret)
        session = (await ok(screen.post(claim, json=secret)))["session"]
        assert "gm_kiosk" in answer.cookies
        assert session["account"] == {
            "id": kiosk["id"],
            "role": "kiosk",
            "name": kiosk["name"],
            "station_id": STATION,
        }

        async with (
            stream_of(served, _guest(session)) as hall,
            stream_of(served, served.person("kiosk")) as other,
        ):
            shown = await ok(desk.post(f"/api/v1/kiosks/{kiosk['id']}/revoke"))
            assert shown["revoked_at"] is not None
            assert await hall.closed() == 4503
            assert isinstance(other, Stream)
            async with served.http(_guest(session)) as gone:
                assert (await gone.get("/api/v1/auth/sessions/current")).status_code == 401
        listed = (await ok(desk.get("/api/v1/kiosks")))["items"]
        assert next(each for each in listed if each["id"] == kiosk["id"]) == shown


async def test_a_ticket_opens_its_steps_and_nothing_else(served: Serving) -> None:
    kiosk = served.person("kiosk", station=STATION)
    worker, employer, assignment = await assigned(served, place(90_000))
    path = f"/api/v1/assignments/{assignment['id']}"
    async with served.http(worker) as phone, served.http(employer) as office:
        code = (await ok(phone.post(f"{path}/ticket"), 200))["code"]
        gig = await ok(office.get(f"/api/v1/gigs/{assignment['gig_id']}"))
    async with served.http(kiosk) as screen:
        guest = await ok(screen.post("/api/v1/kiosks/scan", json={"code": code}), 201)
        assert (guest["kind"], guest["assignment_id"]) == ("ticket", assignment["id"])
        forged = await screen.post(
            "/api/v1/kiosks/scan", json={"code": code[:-1] + ("A" if code[-1] != "A" else "B")}
        )
        assert (forged.status_code, problem_code(forged.content)) == (422, "wrong-code")
        async with served.http(_guest(guest)) as standing:
            (mine,) = (await ok(standing.get("/api/v1/workers/me/assignments")))["items"]
            assert mine["id"] == assignment["id"]
            for method, closed, body in (
                ("PUT", "/workers/me", {"trades": ["porter"], "mode": "walk"}),
                ("PUT", "/workers/me/pin", {"pin": "1111"}),
                ("PUT", "/workers/me/presence", {"status": "offline"}),
                ("POST", "/ws-tickets", None),
                ("POST", "/auth/sessions/renew", None),
                ("GET", "/workers/me/appeals", None),
                ("POST", f"/assignments/{assignment['id']}/cancel", None),
            ):
                refused = await standing.request(method, f"/api/v1{closed}", json=body)
                assert (refused.status_code, problem_code(refused.content)) == (403, "forbidden"), closed
            done = await ok(standing.post(f"{path}/check-in", json={"code": gig["site_code"]}))
            assert done["status"] == "checked_in"
        left = {"op": "check_out", "at": datetime.now(UTC).isoformat(), "code": code}
        key = {"Idempotency-Key": "left"}
        first = await ok(screen.post("/api/v1/kiosks/attendance", json=left, headers=key))
        assert first["status"] == "completed"
        assert await ok(screen.post("/api/v1/kiosks/attendance", json=left, headers=key)) == first
    audit = [row[2:] for row in served.rows("audit")["audit"]]
    assert (kiosk.id, None, "kiosk.ticket", worker.id) in audit
    assert (worker.id, kiosk.id, "assignment.check_in", assignment["id"]) in audit
    assert (kiosk.id, None, "assignment.check_out kept offline", assignment["id"]) in audit


async def test_a_clerk_acts_for_a_worker_and_both_are_recorded(served: Serving) -> None:
    clerk, kiosk = (
        served.person("clerk", phone="13600000041", station=STATION),
        served.person("kiosk", station=STATION),
    )
    worker = served.person("worker", phone="13600000040")
    async with served.http(clerk) as desk, served.http(kiosk) as screen:
        at_kiosk = {"phone": clerk.phone, "pin": "2468"}
        assert (await screen.post("/api/v1/kiosks/clerk", json=at_kiosk)).status_code == 404
        await ok(desk.put("/api/v1/clerks/me/pin", json={"pin": "2468"}), 204)
        wrong = await screen.post("/api/v1/kiosks/clerk", json={**at_kiosk, "pin": "1357"})
        assert wrong.status_code == 401
        mode = await ok(screen.post("/api/v1/kiosks/clerk", json=at_kiosk), 201)
    async with served.http(_guest(mode)) as helping:
        acting = await ok(
            helping.post("/api/v1/stations/me/workers/act-for", json={"phone": worker.phone}), 201
        )
        card = await ok(helping.post("/api/v1/stations/me/cards", json={"phone": worker.phone}), 201)
        assert (card["kind"], card["expires_at"]) == ("card", None)
    async with served.http(_guest(acting)) as standing:
        await ok(standing.put("/api/v1/workers/me", json={"trades": ["guard"], "mode": "walk"}))
        await ok(standing.put("/api/v1/workers/me/presence", json={"status": "available", "in_hall": True}))
        await ok(standing.put("/api/v1/workers/me/presence", json={"status": "offline"}))
    async with served.http(kiosk) as screen, served.http(clerk) as desk:
        guest = await ok(screen.post("/api/v1/kiosks/scan", json={"code": card["code"]}), 201)
        async with served.http(_guest(guest)) as standing:
            await ok(standing.get("/api/v1/workers/me"))
            assert await ok(desk.post("/api/v1/stations/me/cards/revoke", json={"phone": worker.phone})) == {
                "revoked": 1
            }
        again = await screen.post("/api/v1/kiosks/scan", json={"code": card["code"]})
        assert problem_code(again.content) == "wrong-code"
    audit = [row[2:] for row in served.rows("audit")["audit"]]
    assert (kiosk.id, None, "kiosk.clerk", clerk.id) in audit
    assert (clerk.id, kiosk.id, "clerk.act_for", worker.id) in audit
    assert (worker.id, clerk.id, "worker.profile", worker.id) in audit
    assert (worker.id, clerk.id, "presence.set", "available") in audit
