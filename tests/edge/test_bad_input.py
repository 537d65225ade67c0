"""Bad input over HTTP and the socket: the problem the contract names, the field, and no trace anywhere."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from gigmarket.services.offers import expire_due
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from tests.serving import Person, Serving, live_content, place, problem_code
from tests.talking import Stream, assigned, go_available, offered, ok, post_gig, posting, stream_of

JSON = {"Content-Type": "application/json"}
NOW = datetime.now(UTC)
ID = "0" * 26
HERE: dict[str, object] = {"lat": 28.06, "lng": 115.55, "datum": "wgs84"}


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


@dataclass(frozen=True)
class Cast:
    """The people of a server on which nothing is going on."""

    served: Serving
    worker: Person
    porter: Person
    employer: Person
    kiosk: Person


@pytest.fixture(scope="module")
def cast(served: Serving) -> Cast:
    worker, porter = served.person("worker"), served.person("worker")
    profile = {"trades": ["porter"], "mode": "walk"}
    done = httpx2.put(f"{served.url}/api/v1/workers/me", json=profile, headers=porter.headers)
    assert done.status_code == 200
    for person in (worker, porter):
        # The first ticket begins a worker's stream.
        assert httpx2.post(f"{served.url}/api/v1/ws-tickets", headers=person.headers).status_code == 201
    return Cast(served, worker, porter, served.person("employer"), served.person("kiosk"))


@asynccontextmanager
async def no_trace(served: Serving, *allowed: str) -> AsyncIterator[None]:
    """Every row (but for tables in `allowed`) and every key of the live store is as before.

    Spent limits, issued tickets and the index's beats are the live store's own bookkeeping. A round that an
    earlier request caused leaves its reasons after its offers, which may be now.
    """
    rows, keys = served.rows(), _kept(await live_content(served.live_url))
    yield
    after = served.rows()
    assert {table for table in rows if rows[table] != after[table]} <= {*allowed, "explanation"}
    assert _kept(await live_content(served.live_url)) == keys


def _kept(content: dict[str, object]) -> dict[str, object]:
    own = (":limit:", ":ticket:", ":epoch")
    return {key: value for key, value in content.items() if not any(mark in key for mark in own)}


def refused(response: httpx2.Response, status: int, code: str, path: str | None = None) -> None:
    """A problem of this kind, naming this field."""
    assert (response.status_code, problem_code(response.content)) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    if path is not None:
        assert path in {error["path"] for error in response.json()["errors"]}, response.text
        assert all(error["reason"] for error in response.json()["errors"])


GIGS: dict[str, tuple[dict[str, Any], str]] = {
    "title missing": ({"title": None}, "title"),
    "title of the wrong type": ({"title": 7}, "title"),
    "title empty": ({"title": ""}, "title"),
    "title blank": ({"title": "   "}, "title"),
    "title too long": ({"title": "长" * 61}, "title"),
    "title with a NUL": ({"title": "搬\u0000运"}, "title"),
    "title with half a character": ({"title": "\ud83d"}, "title"),
    "unknown field": ({"boss": "me"}, "boss"),
    "unknown field in the site": ({"site": {**HERE, "address": "路", "floor": 3}}, "site.floor"),
    "latitude beyond the pole": ({"site": {**HERE, "address": "路", "lat": 90.1}}, "site.lat"),
    "longitude beyond the earth": ({"site": {**HERE, "address": "路", "lng": -180.5}}, "site.lng"),
    "latitude as text": ({"site": {**HERE, "address": "路", "lat": "28.06"}}, "site.lat"),
    "latitude as a flag": ({"site": {**HERE, "address": "路", "lat": True}}, "site.lat"),
    "no datum": ({"site": {"lat": 28.06, "lng": 115.55, "address": "路"}}, "site.datum"),
    "unknown datum": ({"site": {**HERE, "address": "路", "datum": "mars"}}, "site.datum"),
    "no address": ({"site": dict(HERE)}, "site.address"),
    "no site": ({"site": None}, "site"),
    "ends before it starts": ({"starts_at": at(3), "ends_at": at(2)}, "ends_at"),
    "ends when it starts": ({"starts_at": at(3), "ends_at": at(3)}, "ends_at"),
    "started already": ({"starts_at": at(-1)}, "starts_at"),
    "starts in the far future": ({"starts_at": at(24 * 40), "ends_at": at(24 * 40 + 2)}, "starts_at"),
    "lasts too long": ({"ends_at": at(60)}, "ends_at"),
    "start without offset": ({"starts_at": "2030-01-01T08:00:00"}, "starts_at"),
    "start as a number": ({"starts_at": 1893456000}, "starts_at"),
    "start in the year 1": ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
    "end after the last year": ({"ends_at": "9999-12-31T23:59:59-14:00"}, "ends_at"),
    "nobody wanted": ({"headcount": 0}, "headcount"),
    "51 wanted": ({"headcount": 51}, "headcount"),
    "headcount as text": ({"headcount": "1"}, "headcount"),
    "headcount as a fraction": ({"headcount": 1.5}, "headcount"),
    "headcount as a flag": ({"headcount": True}, "headcount"),
    "negative wage": ({"wage": {"amount_fen": -1, "per": "day"}}, "wage.amount_fen"),
    "no wage at all": ({"wage": {"amount_fen": 0, "per": "hour"}}, "wage.amount_fen"),
    "absurd wage": ({"wage": {"amount_fen": 100_000_000, "per": "day"}}, "wage.amount_fen"),
    "wage beyond any number": ({"wage": {"amount_fen": 10**30, "per": "day"}}, "wage.amount_fen"),
    "wage in yuan": ({"wage": {"amount_fen": 180.5, "per": "day"}}, "wage.amount_fen"),
    "wage per moon": ({"wage": {"amount_fen": 18000, "per": "moon"}}, "wage.per"),
    "unknown trade": ({"trade": "astronaut"}, "trade"),
    "unknown settlement": ({"settlement": "never"}, "settlement"),
    "a date without by_date": ({"settle_on": "2030-01-01"}, "settle_on"),
    "by_date without a date": ({"settlement": "by_date"}, "settle_on"),
    "meals as text": ({"meals": "yes"}, "meals"),
    "note too long": ({"note": "长" * 501}, "note"),
    "a hiring mode that is not open yet": ({"hiring": "interview"}, "hiring"),
}


@pytest.mark.parametrize(("change", "path"), GIGS.values(), ids=GIGS)
async def test_a_posting(cast: Cast, change: dict[str, Any], path: str) -> None:
    body = {key: value for key, value in {**posting(HERE), **change}.items() if value is not None}
    async with no_trace(cast.served), cast.served.http(cast.employer) as http:
        # Half a character can only be written as an escape, which is what json does.
        response = await http.post("/api/v1/gigs", content=json.dumps(body).encode(), headers=JSON)
        refused(response, 422, "validation", path)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (json.dumps(posting(HERE)).encode(), {}, 201),
        (json.dumps(posting(HERE)).encode(), {"Idempotency-Key": "k" * 64}, 201),
        (json.dumps(posting(HERE)).encode(), {"Idempotency-Key": ""}, 422),
        (json.dumps(posting(HERE)).encode(), {"Authorization": "Bearer nobody"}, 401),
        (json.dumps(posting(HERE, headcount=0)).encode(), {"Authorization": "Bearer nobody"}, 401),
        (json.dumps(posting(HERE, headcount=0)).encode(), {}, 422),
        (b"{", {}, 422),
        (b"", {}, 422),
        (b"\xff", {}, 422),
        (b"[" * 20_000, {}, 422),
        (b"[" * 2_000_000, {}, 413),
    ],
)  # fmt: skip
async def test_a_posting_is_answered_alike_by_the_short_way_and_by_the_long_one(
    cast: Cast, kind: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    """FastAPI's own way is taken for what is out of the ordinary, as a content type with a parameter."""
    async with cast.served.http(cast.served.person("employer")) as http:
        response = await http.post("/api/v1/gigs", content=content, headers={"Content-Type": kind, **headers})
        assert response.status_code == status, response.text
        if status >= 400:
            assert response.headers["content-type"] == "application/problem+json"


async def test_several_faults_are_all_named(cast: Cast) -> None:
    body = posting(HERE, headcount=0, title="", wage={"amount_fen": "much", "per": "day"})
    async with cast.served.http(cast.employer) as http:
        response = await http.post("/api/v1/gigs", json=body)
    refused(response, 422, "validation")
    assert {e["path"] for e in response.json()["errors"]} == {"headcount", "title", "wage.amount_fen"}


async def test_a_malformed_request_does_not_use_up_its_key(cast: Cast) -> None:
    keyed = {"Idempotency-Key": f"malformed-{cast.employer.id}"}
    async with cast.served.http(cast.employer) as http:
        async with no_trace(cast.served):
            refused(
                await http.post("/api/v1/gigs", json={"title": 1}, headers=keyed), 422, "validation", "title"
            )
        gig = await ok(http.post("/api/v1/gigs", json=posting(place()), headers=keyed), 201)
        await ok(http.post(f"/api/v1/gigs/{gig['id']}/cancel"))


BODIES: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"{title:", "body"),
    "not an object": (b"[1]", "body"),
    "a text": (b'"gig"', "body"),
    "null": (b"null", "body"),
    "nothing": (b"", "body"),
    "not UTF-8": (b'{"title":"\xff"}', ""),
    "endlessly nested": (b"[" * 60_000, ""),
    "not a number": (b'{"headcount":NaN}', "headcount"),
}


@pytest.mark.parametrize(("raw", "path"), BODIES.values(), ids=BODIES)
async def test_a_body(cast: Cast, raw: bytes, path: str) -> None:
    async with no_trace(cast.served), cast.served.http(cast.employer) as http:
        response = await http.post("/api/v1/gigs", content=raw, headers=JSON)
        assert (response.status_code, problem_code(response.content)) == (422, "validation"), response.text
        if path:
            assert path in json.dumps(response.json()["errors"])


async def test_a_body_that_is_too_large_is_refused_declared_or_not(cast: Cast) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 1024

    async with no_trace(cast.served), cast.served.http(cast.employer) as http:
        refused(await http.post("/api/v1/gigs", content=b" " * 70_000), 413, "too-large")
        refused(await http.post("/api/v1/gigs", content=dripping()), 413, "too-large")


REQUESTS: dict[str, tuple[str, str, str, Any, str]] = {
    "a profile with an unknown trade": (
        *("worker", "PUT", "/workers/me"),
        {"trades": ["astronaut"], "mode": "walk"},
        "trades",
    ),
    "a profile with an unknown mode": (
        "worker",
        "PUT",
        "/workers/me",
        {"trades": [], "mode": "rocket"},
        "mode",
    ),
    "a negative floor": (
        *("worker", "PUT", "/workers/me"),
        {"trades": ["porter"], "mode": "walk", "floor_wage_fen": -5},
        "floor_wage_fen",
    ),
    "presence of an unknown kind": ("worker", "PUT", "/workers/me/presence", {"status": "maybe"}, "status"),
    "available without a position": (
        "worker",
        "PUT",
        "/workers/me/presence",
        {"status": "available"},
        "position",
    ),
    "available without datum": (
        *("worker", "PUT", "/workers/me/presence"),
        {"status": "available", "position": {"lat": 28.0, "lng": 115.0}},
        "position.datum",
    ),
    "available outside the earth": (
        *("worker", "PUT", "/workers/me/presence"),
        {"status": "available", "position": {"lat": 28.0, "lng": 181.0, "datum": "gcj02"}},
        "position.lng",
    ),
    "available without a trade": (
        *("worker", "PUT", "/workers/me/presence"),
        {"status": "available", "position": HERE},
        "trades",
    ),
    "available until yesterday": (
        *("porter", "PUT", "/workers/me/presence"),
        {"status": "available", "position": HERE, "until": at(-24)},
        "until",
    ),
    "available beyond the last year": (
        *("porter", "PUT", "/workers/me/presence"),
        {"status": "available", "position": HERE, "until": "9999-12-31T23:59:59-14:00"},
        "until",
    ),
    "in a hall without a kiosk": (
        *("worker", "PUT", "/workers/me/presence"),
        {"status": "available", "in_hall": True},
        "in_hall",
    ),
    "a PIN with letters": ("worker", "PUT", "/workers/me/pin", {"pin": "12ab"}, "pin"),
    "a PIN as a number": ("worker", "PUT", "/workers/me/pin", {"pin": 1234}, "pin"),
    "a phone with letters": ("worker", "POST", "/auth/otp", {"phone": "call me"}, "phone"),
    "a role that is none": (
        *("worker", "POST", "/auth/sessions"),
        {"phone": "13800000000", "code": "123456", "role": "boss"},
        "role",
    ),
    "a page of 0": ("employer", "GET", "/gigs?limit=0", None, "limit"),
    "a page of 1,000": ("worker", "GET", "/workers/me/assignments?limit=1000", None, "limit"),
    "a cursor of a list in parts": ("employer", "GET", f"/gigs?cursor=w{ID}", None, "cursor"),
    "a cursor of a list by time": ("worker", "GET", f"/workers/me/assignments?cursor=7-{ID}", None, "cursor"),
    "an id that is too long": ("worker", "POST", f"/offers/{'x' * 65}/accept", None, "item"),
    "a body where none belongs": ("worker", "POST", "/offers/x/accept", {"please": True}, "please"),
    "a decline for no known reason": ("worker", "POST", "/offers/x/decline", {"reason": "mood"}, "reason"),
    "a check-in without a code": ("worker", "POST", "/assignments/x/check-in", {}, "code"),
    "a payment of a fraction": ("employer", "POST", "/assignments/x/settle", {"amount_fen": 0.5}, "amount_fen"),
    "a kiosk PIN too short": ("kiosk", "POST", "/kiosks/identify", {"phone": "13800000000", "pin": "1"}, "pin"),
}


@pytest.mark.parametrize(("role", "method", "path", "body", "field"), REQUESTS.values(), ids=REQUESTS)
async def test_a_request(cast: Cast, role: str, method: str, path: str, body: Any, field: str) -> None:
    person: Person = getattr(cast, role)
    async with no_trace(cast.served), cast.served.http(person) as http:
        refused(await http.request(method, f"/api/v1{path}", json=body), 422, "validation", field)


async def test_an_idempotency_key_that_is_too_long(cast: Cast) -> None:
    async with no_trace(cast.served), cast.served.http(cast.employer) as http:
        response = await http.post("/api/v1/gigs", json=posting(HERE), headers={"Idempotency-Key": "k" * 65})
        refused(response, 422, "validation", "Idempotency-Key")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/gigs/unknown", "/nothing.html"])
async def test_what_is_not_there_is_a_problem_too(cast: Cast, path: str) -> None:
    async with cast.served.http(cast.employer) as http:
        refused(await http.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/gigs", "HEAD, GET, POST"),
        ("/api/v1/gigs/unknown", "HEAD, GET"),
        ("/api/v1/workers/me", "HEAD, GET, PUT"),
        ("/api/v1/ws-tickets", "POST"),
        ("/api/v1/auth/sessions/current", "HEAD, GET, DELETE"),
        ("/worker/", "HEAD, GET"),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_which_are(cast: Cast, path: str, methods: str) -> None:
    async with cast.served.http(cast.employer) as http:
        for method in ("PATCH", "OPTIONS"):
            not_so = await http.request(method, path)
            refused(not_so, 405, "method-not-allowed")
            assert not_so.headers["Allow"] == methods


async def test_whoever_is_not_logged_in_is_told_how(cast: Cast) -> None:
    async with httpx2.AsyncClient(base_url=cast.served.url) as http:
        for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic eDp5"}):
            response = await http.get("/api/v1/gigs", headers=headers)
            refused(response, 401, "unauthenticated")
            assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_an_expired_offer(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    # The offer's time passes for the one who decides it: the store's clock.
    later = datetime.now(UTC) + timedelta(hours=7)
    store = Store(served.store.url, clock=lambda: later)
    try:
        store.transact_now(expire_due, Rules())
    finally:
        store.close()
    async with served.http(worker) as http, no_trace(served):
        refused(await http.post(f"/api/v1/offers/{offer['id']}/accept"), 409, "offer-closed")
        refused(await http.post(f"/api/v1/offers/{offer['id']}/extend"), 409, "offer-closed")
    async with stream_of(served, worker) as mine:
        result = await mine.command("offer.accept", {"offer_id": offer["id"]}, key="late")
        assert (result["ok"], problem_code(result["problem"])) == (False, "offer-closed")
        again = await mine.command("offer.accept", {"offer_id": offer["id"]}, key="late")
        assert again == result


async def test_anothers_offer_and_assignment_are_not_found(served: Serving) -> None:
    where = place()
    _, employer, offer = await offered(served, where)
    _, _, assignment = await assigned(served, place())
    other = served.person("worker")
    async with no_trace(served), served.http(other) as http:
        for step in ("accept", "decline", "extend"):
            refused(await http.post(f"/api/v1/offers/{offer['id']}/{step}"), 404, "not-found")
        path = f"/api/v1/assignments/{assignment['id']}"
        refused(await http.post(f"{path}/check-in", json={"code": "000000"}), 404, "not-found")
        for step in ("check-out", "confirm", "dispute", "cancel"):
            refused(await http.post(f"{path}/{step}"), 404, "not-found")
    async with no_trace(served), served.http(employer) as http:
        refused(await http.post(f"{path}/settle", json={"amount_fen": 1}), 404, "not-found")
        refused(await http.post(f"{path}/no-show"), 404, "not-found")
        refused(await http.post(f"{path}/cancel"), 404, "not-found")
        refused(await http.post(f"/api/v1/gigs/{assignment['gig_id']}/cancel"), 404, "not-found")


async def test_steps_out_of_order(served: Serving) -> None:
    worker, employer, assignment = await assigned(served, place())
    path = f"/api/v1/assignments/{assignment['id']}"
    async with no_trace(served), served.http(worker) as w, served.http(employer) as e:
        refused(await w.post(f"{path}/check-in", json={"code": "not it"}), 422, "wrong-code")
        refused(await w.post(f"{path}/check-out"), 409, "assignment-state")
        refused(await w.post(f"{path}/confirm"), 409, "assignment-state")
        refused(await e.post(f"{path}/settle", json={"amount_fen": 18000}), 409, "assignment-state")
        refused(await e.post(f"{path}/no-show"), 409, "too-early")


async def test_a_cancelled_gig_is_closed(served: Serving) -> None:
    employer = served.person("employer")
    gig = await post_gig(served, employer, place())
    async with served.http(employer) as http:
        assert (await ok(http.post(f"/api/v1/gigs/{gig['id']}/cancel")))["status"] == "cancelled"
        async with no_trace(served):
            refused(await http.post(f"/api/v1/gigs/{gig['id']}/cancel"), 409, "gig-closed")


async def test_one_key_is_one_request(served: Serving) -> None:
    employer, body = served.person("employer"), posting(place())
    keyed = {"Idempotency-Key": "once"}
    async with served.http(employer) as http:
        first = await http.post("/api/v1/gigs", json=body, headers=keyed)
        assert first.status_code == 201
        async with no_trace(served):
            again = await http.post("/api/v1/gigs", json=body, headers=keyed)
            assert (again.status_code, again.content) == (201, first.content)
            other = await http.post("/api/v1/gigs", json={**body, "headcount": 2}, headers=keyed)
            refused(other, 422, "idempotency-mismatch")
            step = await http.post(f"/api/v1/gigs/{first.json()['id']}/cancel", headers=keyed)
            refused(step, 422, "idempotency-mismatch")
    async with served.http(served.person("employer")) as http:  # keys are each account's own
        mine = await http.post("/api/v1/gigs", json=body, headers=keyed)
        assert (mine.status_code, mine.json()["id"] != first.json()["id"]) == (201, True)


FRAMES: dict[str, tuple[str | bytes, str]] = {
    "not JSON": ("{hello", "validation"),
    "not UTF-8": (b"\xff\xfe", "validation"),
    "not an object": ("[]", "validation"),
    "a number": ("17", "validation"),
    "empty": ("", "validation"),
    "too large": (json.dumps({"t": "hello", "ticket": "x", "more": "x" * 16 * 1024}), "validation"),
    "far too large": (json.dumps({"t": "hello", "ticket": "x", "more": "x" * 60 * 1024}), "validation"),
    "no tag": (json.dumps({"ticket": "x"}), "validation"),
    "unknown tag": (json.dumps({"t": "shout"}), "validation"),
    "hello without a ticket": (json.dumps({"t": "hello"}), "validation"),
    "hello with a bad seq": (json.dumps({"t": "hello", "ticket": "x", "epoch": "e", "seq": -1}), "validation"),
    "command before hello": (
        json.dumps({"t": "command", "id": "1", "op": "presence.set", "args": {"status": "offline"}}),
        "unauthenticated",
    ),
    "position before hello": (json.dumps({"t": "position", **HERE}), "unauthenticated"),
}


@pytest.mark.parametrize(("frame", "code"), FRAMES.values(), ids=FRAMES)
async def test_a_first_frame(cast: Cast, frame: str | bytes, code: str) -> None:
    async with no_trace(cast.served), connect(cast.served.ws_url, compression=None) as socket:
        await socket.send(frame)
        await _error_then_close(socket, code, 4500)


LATER: dict[str, str] = {
    "not JSON": "{",
    "not an object": "null",
    "too large": json.dumps({"t": "pong", "more": "x" * 16 * 1024}),
    "a second hello": json.dumps({"t": "hello", "ticket": "again"}),
    "a command without id": json.dumps({"t": "command", "op": "presence.set"}),
    "a command with a number as id": json.dumps({"t": "command", "id": 1, "op": "presence.set", "args": {}}),
    "arguments that are no object": json.dumps({"t": "command", "id": "1", "op": "presence.set", "args": []}),
    "a position outside the earth": json.dumps({"t": "position", "lat": 91, "lng": 0, "datum": "wgs84"}),
    "a position without datum": json.dumps({"t": "position", "lat": 28, "lng": 115}),
    "an ack of text": json.dumps({"t": "ack", "seq": "1"}),
}


@pytest.mark.parametrize("frame", LATER.values(), ids=LATER)
async def test_a_later_frame(cast: Cast, frame: str) -> None:
    async with no_trace(cast.served), stream_of(cast.served, cast.worker) as mine:
        await mine.socket.send(frame)
        await _error_then_close(mine.socket, "validation", 4500)


@pytest.mark.parametrize(
    ("op", "args", "status", "code", "path"),
    [
        ("offer.swallow", {}, 422, "validation", "op"),
        ("offer.accept", {}, 422, "validation", "offer_id"),
        ("offer.accept", {"offer_id": 7}, 422, "validation", "offer_id"),
        ("offer.accept", {"offer_id": "x", "hurry": True}, 422, "validation", "hurry"),
        ("offer.accept", {"offer_id": "x\u0000"}, 422, "validation", "offer_id"),
        ("presence.set", {"status": "available"}, 422, "validation", "position"),
        ("gig.cancel", {"gig_id": "x"}, 403, "forbidden", None),
        ("offer.accept", {"offer_id": "unknown"}, 404, "not-found", None),
    ],
)
async def test_a_command(cast: Cast, op: str, args: Any, status: int, code: str, path: str | None) -> None:
    """A bad command is answered, and the socket lives on. A refusal by rule is remembered under its key."""
    async with no_trace(cast.served, "idempotency"), stream_of(cast.served, cast.worker) as mine:
        result = await mine.command(op, args)
        problem = result["problem"]
        assert (result["ok"], problem["status"], problem_code(problem)) == (False, status, code)
        if path is not None:
            assert [error["path"] for error in problem["errors"]] == [path]
        assert not (await mine.command("offer.accept", {"offer_id": "unknown"}))["ok"]


async def test_one_command_id_is_one_command(served: Serving) -> None:
    worker, _, offer = await offered(served, place())
    async with stream_of(served, worker) as mine:
        first = await mine.command("offer.extend", {"offer_id": offer["id"]}, key="same")
        assert first["ok"]
        assert await mine.command("offer.extend", {"offer_id": offer["id"]}, key="same") == first
        other = await mine.command("offer.decline", {"offer_id": offer["id"]}, key="same")
        assert (other["ok"], problem_code(other["problem"])) == (False, "idempotency-mismatch")
    async with served.http(worker) as http:  # HTTP has the same keys and the same handlers
        path = f"/api/v1/offers/{offer['id']}/extend"
        assert await ok(http.post(path, headers={"Idempotency-Key": "same"})) == first["data"]


async def test_a_reused_and_an_unknown_ticket(cast: Cast) -> None:
    async with cast.served.http(cast.worker) as http:
        ticket = (await ok(http.post("/api/v1/ws-tickets"), 201))["ticket"]
    async with connect(cast.served.ws_url, compression=None) as socket:
        await Stream(socket).begin(ticket, None, None)
    for spent in (ticket, "never-issued"):
        async with no_trace(cast.served), connect(cast.served.ws_url, compression=None) as socket:
            await socket.send(json.dumps({"t": "hello", "ticket": spent}))
            await _error_then_close(socket, "unauthenticated", 4002)


async def test_another_protocol_version(cast: Cast) -> None:
    async with connect(cast.served.ws_url, compression=None) as socket:
        await socket.send(json.dumps({"t": "hello", "ticket": "x", "v": "gig.v9"}))
        await _error_then_close(socket, "validation", 4505)


async def test_a_worker_who_gave_bad_input_works_on(cast: Cast) -> None:
    """What was refused left nobody broken: the same people can still do business."""
    where = place()
    await go_available(cast.served, cast.worker, where)
    async with stream_of(cast.served, cast.worker) as mine:
        gig = await post_gig(cast.served, cast.employer, where)
        assert (await mine.event("offer.created"))["data"]["offer"]["gig"]["id"] == gig["id"]
    async with cast.served.http(cast.worker) as http:
        await ok(http.put("/api/v1/workers/me/presence", json={"status": "offline"}))
        await ok(http.put("/api/v1/workers/me", json={"trades": [], "mode": "walk"}))


async def _error_then_close(socket: ClientConnection, code: str, closing: int) -> None:
    frame = json.loads(await socket.recv())
    assert (frame["t"], problem_code(frame["problem"])) == ("error", code)
    await socket.wait_closed()
    assert socket.close_code == closing
