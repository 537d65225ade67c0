"""The public rules and draws, priority groups, the worker's own limit, and the report, over HTTP."""

import re
from typing import Any

import httpx2
import numpy as np
import pytest

from gigmarket.domain import draw
from gigmarket.domain.fairness import GROUPS
from gigmarket.domain.ids import OfferId
from gigmarket.edge.http.fairness import TURNS_PER_MINUTE
from tests.serving import Person, Serving, place, problem_code, serving
from tests.talking import eventually, go_available, offered, ok

NUMBER = "360121197001011234"
PROFILE = {"trades": ["porter"], "mode": "walk"}


async def refused(asked: Any, status: int, code: str) -> None:
    """A typed problem."""
    response: httpx2.Response = await asked
    assert (response.status_code, problem_code(response.content)) == (status, code), response.text


async def put(served: Serving, person: Person, path: str, body: object, status: int = 200) -> Any:
    async with served.http(person) as http:
        return await ok(http.put(f"/api/v1/{path}", json=body), status)


async def test_anyone_reads_the_rules(served: Serving) -> None:
    async with served.http() as http:
        rules = await ok(http.get("/api/v1/rules"))
    assert {group["code"] for group in rules["groups"]} == GROUPS.keys()
    by_code = {rule["code"]: rule for rule in rules["rules"]}
    assert "15 分钟" in by_code["circle"]["zh"]
    assert "15 min" in by_code["circle"]["en"]


async def test_a_real_round_is_drawn_as_its_anchor_promised(served: Serving) -> None:
    _, _, offer = await offered(served, place())
    chain, turn = map(int, round_of(served, offer["id"]).split("."))
    async with served.http() as http:
        anchors = {each["id"]: each for each in (await ok(http.get("/api/v1/draws")))["items"]}

        async def look() -> Any:
            # The offer comes first; the reasons of its round, the seed among them, right after it.
            answer = await http.get(f"/api/v1/draws/{chain}/{turn}")
            return answer.json() if answer.status_code == 200 else None

        drawn = await eventually(look, "the turn is told")

    assert drawn["anchor"] == anchors[chain]["anchor"]
    assert draw.verify(bytes.fromhex(drawn["anchor"]), turn, bytes.fromhex(drawn["seed"]))
    assert not draw.verify(bytes.fromhex(drawn["anchor"]), turn + 1, bytes.fromhex(drawn["seed"]))
    lots = [lot for gig in drawn["gigs"] for lot in gig["lots"]]
    keys = np.array([int(lot["key"]) for lot in lots], dtype=np.uint64)
    assert draw.tickets(bytes.fromhex(drawn["seed"]), keys).tolist() == [lot["ticket"] for lot in lots]
    assert "offered" in {lot["verdict"] for lot in lots}
    told = {"key", "ticket", "cost_s", "verdict", "crew"}
    assert all(lot.keys() == told for lot in lots), "nobody's name or place"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("999999/1", 404, "not-found"),
        ("1/2147483647", 404, "not-found"),
        ("1/2147483648", 422, "validation"),
        ("-1/1", 422, "validation"),
        ("1/x", 422, "validation"),
    ],
)
async def test_a_turn_there_is_not(served: Serving, path: str, status: int, code: str) -> None:
    async with served.http() as http:
        await refused(http.get(f"/api/v1/draws/{path}"), status, code)


async def test_turns_are_limited_per_address(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("limited")
    with serving(folder, GIGMARKET_RATE_LIMITS="on") as limited:
        async with limited.http() as http:
            for _ in range(TURNS_PER_MINUTE):
                await refused(http.get("/api/v1/draws/1/1"), 404, "not-found")
            # The bucket refills while it is emptied: one or two more may pass on a slow machine.
            answer = await http.get("/api/v1/draws/1/1")
            for _ in range(TURNS_PER_MINUTE):
                if answer.status_code == 429:
                    break
                answer = await http.get("/api/v1/draws/1/1")
    assert (answer.status_code, problem_code(answer.content)) == (429, "rate-limited")
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("role", ["staff", "clerk"])
async def test_groups_are_entered_and_audited_in_codes_only(served: Serving, role: str) -> None:
    worker, desk = served.person("worker"), served.person(role)
    path = f"workers/{worker.id}/groups"
    entered = await put(served, desk, path, {"groups": ["older", "veteran"], "document": "discharge"})
    assert entered == {"worker_id": worker.id, "groups": ["veteran", "older"]}
    async with served.http(desk) as http:
        assert await ok(http.get(f"/api/v1/{path}")) == entered
    async with served.http(worker) as http:
        assert (await ok(http.get("/api/v1/workers/me")))["groups"] == ["veteran", "older"]
    await put(served, desk, path, {"groups": [], "document": "identity"})

    audit = [row[2:] for row in served.rows("audit")["audit"] if row[-1] == worker.id]
    assert sorted(audit) == [
        (desk.id, None, "worker.groups none identity", worker.id),
        (desk.id, None, "worker.groups older,veteran discharge", worker.id),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"groups": ["friend"], "document": "identity"},
        {"groups": ["veteran"], "document": NUMBER},
        {"groups": ["veteran"], "document": f"discharge {NUMBER}"},
        {"groups": ["veteran"]},
        {"groups": "veteran", "document": "identity"},
        {"groups": [7], "document": "identity"},
        {"groups": ["veteran"] * 11, "document": "identity"},
        {"groups": ["veteran"], "document": "identity", "note": NUMBER},
    ],
)
async def test_what_is_no_entry_changes_nothing(served: Serving, body: dict[str, Any]) -> None:
    worker, desk = served.person("worker"), served.person("staff")
    before = _of(served, worker)
    async with served.http(desk) as http:
        await refused(http.put(f"/api/v1/workers/{worker.id}/groups", json=body), 422, "validation")
    assert _of(served, worker) == before
    assert NUMBER not in served.text()


async def test_groups_are_no_matter_of_ones_own(served: Serving) -> None:
    worker = served.person("worker")
    body = {"groups": ["veteran"], "document": "discharge"}
    for role in ("worker", "employer", "kiosk"):
        person = worker if role == "worker" else served.person(role)
        async with served.http(person) as http:
            await refused(http.get(f"/api/v1/workers/{worker.id}/groups"), 403, "forbidden")
            await refused(http.put(f"/api/v1/workers/{worker.id}/groups", json=body), 403, "forbidden")
    async with served.http(worker) as http:
        await refused(
            http.put("/api/v1/workers/me", json={**PROFILE, "groups": ["veteran"]}), 422, "validation"
        )
    async with served.http(served.person("staff")) as http:
        await refused(http.get("/api/v1/workers/nobody/groups"), 404, "not-found")
        await refused(http.put("/api/v1/workers/nobody/groups", json=body), 404, "not-found")


async def test_a_workers_own_limit_is_kept_and_shown(served: Serving) -> None:
    worker = served.person("worker")
    for sent, kept in (({}, None), ({"reach_s": 300}, 300), ({}, 300), ({"reach_s": 1800}, 1800)):
        assert (await put(served, worker, "workers/me", {**PROFILE, **sent}))["reach_s"] == kept
    async with served.http(worker) as http:
        wrongs: list[object] = [299, 1801, -1, 0, "900", 900.5, True, [], {}, 2**70]
        for wrong in wrongs:
            await refused(http.put("/api/v1/workers/me", json={**PROFILE, "reach_s": wrong}), 422, "validation")
        assert (await ok(http.get("/api/v1/workers/me")))["reach_s"] == 1800
    assert (await put(served, worker, "workers/me", {**PROFILE, "reach_s": None}))["reach_s"] is None


async def test_staff_read_how_evenly_work_is_shared(served: Serving) -> None:
    worker, staff = served.person("worker", "欧阳小明"), served.person("staff")
    await go_available(served, worker, place())
    async with served.http(staff) as http:
        view = await ok(http.get("/api/v1/reports/fairness"))
        assert (await ok(http.get("/api/v1/reports/fairness", params={"days": 1})))["days"] == 1
        for wrong in ("0", "91", "x", "1.5"):
            await refused(http.get("/api/v1/reports/fairness", params={"days": wrong}), 422, "validation")
        raw = (await http.get("/api/v1/reports/fairness")).text
    assert (view["days"], view["never_offered"]["after_hours"]) == (14, 4)
    assert view["waiting"] >= 1
    assert view["longest_wait"]["hours"] >= 0
    assert [kind["code"] for kind in view["by_group"]] == [*GROUPS, "none"]
    assert [kind["code"] for kind in view["by_place"]] == ["phone", "hall"]
    assert "小明" not in raw
    assert not re.search(r"1[3-9]\d{9}", raw)


def _of(served: Serving, worker: Person) -> list[tuple[object, ...]]:
    """The worker's own row, and what was audited about them."""
    rows = served.rows("worker", "audit")
    return [row for row in (*rows["worker"], *rows["audit"]) if worker.id in row]


def round_of(served: Serving, offer: str) -> str:
    """Which round made an offer."""
    name = served.store.read_now(lambda tx: tx.offers.get(OfferId(offer))).round
    assert name is not None
    return name
