"""Places by words: an employer's own sites, stations, and a geocoder where the operator has one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gigmarket.domain.geo import Position
from gigmarket.travel.geocoder import Geocoder, GeocoderDown
from tests.serving import Person, Serving, problem_code, serving
from tests.talking import ok, post_gig

HERE: dict[str, object] = {"lat": 28.06, "lng": 115.55, "datum": "wgs84"}
CENTRE = Position(28.056, 115.546)
FOUND = [{"lat": "28.0701", "lon": "115.5502", "display_name": "共和西路 9 号, 福城街道, 樟树市"}]


@contextmanager
def nominatim(answer: bytes, asked: list[dict[str, list[str]]]) -> Iterator[str]:
    """A server that answers every search with these bytes; the address of it."""

    class Search(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Search)
    running = Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    running.join()
    server.server_close()


async def find(served: Serving, employer: Person, words: str) -> list[dict[str, Any]]:
    """The places these words bring."""
    async with served.http(employer) as http:
        return list((await ok(http.post("/api/v1/places/find", json={"q": words})))["items"])


async def test_sites_of_this_employer_and_stations(served: Serving) -> None:
    mine, other = served.person("employer", "药都物流"), served.person("employer", "四特酒业")
    for address in ("共和西路 8 号", "药都大道 1 号", "共和西路 8 号"):
        await post_gig(served, mine, HERE, site={**HERE, "address": address})
    await post_gig(served, other, HERE, site={**HERE, "address": "共和东路 3 号"})

    assert [place["address"] for place in await find(served, mine, "")] == ["共和西路 8 号", "药都大道 1 号"]
    (site,) = await find(served, mine, "共和")
    assert (site["source"], site["position"]["datum"]) == ("site", "wgs84")
    assert [place["address"] for place in await find(served, other, "")] == ["共和东路 3 号"]
    async with served.http() as http:
        (station, *_) = (await ok(http.get("/api/v1/stations")))["items"]
    assert station["name"] in {place["name"] for place in await find(served, other, station["name"])}


@pytest.mark.parametrize("bad", [{"q": 7}, {"q": "长" * 101}, {"q": "a\u0000b"}, {"where": "x"}, []])
async def test_bad_words(served: Serving, bad: Any) -> None:
    async with served.http(served.person("employer")) as http:
        response = await http.post("/api/v1/places/find", json=bad)
    assert (response.status_code, problem_code(response.content)) == (422, "validation")


async def test_a_geocoder_is_asked_only_where_there_is_one(tmp_path: Path) -> None:
    asked: list[dict[str, list[str]]] = []
    with (
        nominatim(json.dumps(FOUND).encode(), asked) as url,
        serving(tmp_path, GIGMARKET_GEOCODER=url, GIGMARKET_DEMO="true") as running,
    ):
        employer = running.person("employer")
        (place,) = await find(running, employer, "共和西路 9 号")
        assert await find(running, employer, "") == []
    assert (place["source"], place["address"]) == ("geocoder", FOUND[0]["display_name"])
    assert (place["position"]["lat"], place["position"]["lng"]) == (28.0701, 115.5502)
    assert [query["q"] for query in asked] == [["共和西路 9 号"]]
    assert asked[0]["bounded"] == ["1"]


@pytest.mark.parametrize("answer", [b"no JSON", b'[{"lat": "north"}]', b"[[]]"])
def test_an_answer_that_is_none(answer: bytes) -> None:
    with nominatim(answer, []) as url, pytest.raises(GeocoderDown):
        Geocoder(url, CENTRE).find("共和西路")


def test_nobody_there() -> None:
    with pytest.raises(GeocoderDown):
        Geocoder("http://127.0.0.1:9", CENTRE).find("共和西路")


@pytest.mark.parametrize("url", ["nominatim", "ftp://maps", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="GIGMARKET_GEOCODER"):
        Geocoder(url, CENTRE)
