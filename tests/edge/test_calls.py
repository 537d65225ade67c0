"""The city's telephone company: codes by its messages, and calls that show nobody's number."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Person, Serving, place, problem_code, serving
from tests.talking import assigned, ok, stream_of
from tests.telephone.exchange import City, exchange

NUMBER = "17012345678"
NUMBERED = json.dumps({"number": NUMBER}).encode()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with (
        exchange() as there,
        serving(
            tmp_path_factory.mktemp("calls"),
            GIGMARKET_CALL_GATEWAY=there.url,
            GIGMARKET_SMS_GATEWAY=there.url,
            GIGMARKET_GATEWAY_TOKEN="secret",
        ) as running,
    ):
        yield City(running, there)


@pytest.fixture(autouse=True)
def _well(city: City) -> None:
    city.there.status, city.there.answer = 200, NUMBERED
    city.there.asked.clear()
    city.there.doors.clear()


async def call(served: Serving, person: Person, assignment: str) -> tuple[int, dict[str, Any]]:
    """Status and body of asking for a number."""
    async with served.http(person) as http:
        response = await http.post(f"/api/v1/assignments/{assignment}/call")
    return response.status_code, response.json()


async def test_a_code_comes_by_the_gateway(city: City) -> None:
    phone = "13777770001"
    async with city.served.http() as http:
        await ok(http.post("/api/v1/auth/otp", json={"phone": phone}), 202)
        (asked,) = city.there.asked
        code = asked["values"]["code"]
        body = {"phone": phone, "code": code, "role": "worker", "name": "周福生"}
        await ok(http.post("/api/v1/auth/sessions", json=body), 201)
    assert city.there.doors == ["Bearer secret"]
    assert (asked["phone"], asked["template"], asked["values"]["minutes"]) == (phone, "login_code", "5")
    assert code in asked["text"]
    assert not re.search(f"{phone}|{code}", city.served.text())


async def test_a_message_that_is_not_taken(city: City) -> None:
    city.there.status = 502
    async with city.served.http() as http:
        response = await http.post("/api/v1/auth/otp", json={"phone": "13777770002"})
    assert (response.status_code, problem_code(response.content)) == (503, "unavailable")
    assert response.headers["Retry-After"] == "10"
    assert "13777770002" not in response.text + city.served.text()


async def test_an_operator_hears_of_a_gateway_that_fails_until_it_does_not(city: City) -> None:
    async with city.served.http() as http:

        async def send(phone: str) -> None:
            await http.post("/api/v1/auth/otp", json={"phone": phone})

        async def counted(outcome: str) -> float:
            text = (await http.get("/metrics")).text
            name = re.escape(f'gigmarket_gateway_{outcome}_total{{gateway="sms"}} ')
            return float(re.findall(f"^{name}(.*)$", text, re.MULTILINE)[0])

        taken, failed = await counted("taken"), await counted("failed")
        city.there.status = 502
        for phone in ("13777770003", "13777770004"):
            await send(phone)
        ready = await ok(http.get("/readyz"))
        assert ready["status"] == "degraded"
        assert re.fullmatch(r"failing, failed last at \d{4}-\d\d-\d\dT[\d:]{8}Z", ready["sms_gateway"])

        city.there.status = 200
        await send("13777770003")
        ready = await ok(http.get("/readyz"))
        assert ready["status"] == "ok"
        assert ready["sms_gateway"].startswith("ok, failed last at ")
        assert (await counted("taken"), await counted("failed")) == (taken + 1, failed + 2)
    lines = [line for line in city.served.text().splitlines() if "the SMS gateway fails" in line]
    assert len(lines) == 1
    assert " server WARNING the SMS gateway fails: status 502" in lines[0]
    assert "1377777" not in city.served.text()


async def test_both_sides_get_the_number_and_nobody_a_phone(city: City) -> None:
    worker, employer, assignment = await assigned(city.served, place())
    async with stream_of(city.served, worker) as stream:
        (mine,) = stream.state["assignments"]
    assert mine["gig"]["site"] is not None
    assert mine["gig"]["employer_phone"] is None

    told = [await call(city.served, person, assignment["id"]) for person in (worker, employer)]

    assert [status for status, _ in told] == [200, 200]
    assert [body["number"] for _, body in told] == [NUMBER, NUMBER]
    assert told[0][1]["until"] > mine["gig"]["ends_at"]
    assert [(asked["a"], asked["b"], asked["reference"]) for asked in city.there.asked] == [
        (worker.phone, employer.phone, assignment["id"])
    ] * 2
    assert not re.search(f"{worker.phone}|{employer.phone}", city.served.text())


async def test_a_number_is_for_the_two_of_them(city: City) -> None:
    _, _, assignment = await assigned(city.served, place())
    for stranger in (city.served.person("worker"), city.served.person("employer")):
        status, problem = await call(city.served, stranger, assignment["id"])
        assert (status, problem["type"].split("/")[-1]) == (404, "not-found")
    assert city.there.asked == []


async def test_when_it_is_over_there_is_nobody_to_call(city: City) -> None:
    worker, employer, assignment = await assigned(city.served, place())
    async with city.served.http(worker) as http:
        await ok(http.post(f"/api/v1/assignments/{assignment['id']}/cancel", json={"reason": "有事"}))
    for person in (worker, employer):
        status, problem = await call(city.served, person, assignment["id"])
        assert (status, problem["type"].split("/")[-1]) == (409, "assignment-state")
    assert city.there.asked == []


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, NUMBERED),
        (200, b"{}"),
        (200, b'{"number": 17012345678}'),
        (200, b'{"number": "call me"}'),
        (200, b"<x>"),
    ],
)
async def test_a_company_that_gives_no_number(city: City, status: int, answer: bytes) -> None:
    worker, _, assignment = await assigned(city.served, place())
    city.there.status, city.there.answer = status, answer

    answered, problem = await call(city.served, worker, assignment["id"])

    assert (answered, problem["type"].split("/")[-1]) == (503, "unavailable")


async def test_a_city_without_such_numbers_shows_the_employers_own(served: Serving) -> None:
    async with served.http() as http:
        assert (await ok(http.get("/api/v1/meta")))["calls_hide_phones"] is False
    worker, employer, assignment = await assigned(served, place())
    async with stream_of(served, worker) as stream:
        (mine,) = stream.state["assignments"]
    assert mine["gig"]["employer_phone"] == employer.phone
    status, _ = await call(served, worker, assignment["id"])
    assert status == 404


@pytest.mark.parametrize("name", ["GIGMARKET_CALL_GATEWAY", "GIGMARKET_SMS_GATEWAY"])
def test_an_address_that_is_none_stops_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(AssertionError, match="http or https"), serving(tmp_path, **{name: "telephone"}):
        pass
