"""A session renewed in band: the same socket goes on under a younger session of the same principal."""

from tests.serving import Person, Serving, problem_code
from tests.talking import ok, stream_of


async def ticket(served: Serving, person: Person, token: str | None = None) -> str:
    """A ticket of this person's session, or of another session of theirs."""
    headers = {"Authorization": f"Bearer {token or person.token}"}
    async with served.http() as http:
        return str((await ok(http.post("/api/v1/ws-tickets", headers=headers), 201))["ticket"])


async def test_a_socket_outlives_the_session_it_began_with(served: Serving) -> None:
    worker = served.person("worker")
    async with served.http(worker) as http:
        younger = await ok(http.post("/api/v1/auth/sessions/renew"), 201)
    assert younger["token"] != worker.token
    async with stream_of(served, worker) as stream:
        assert stream.welcome["expires_at"] < younger["expires_at"]
        await stream.say({"t": "refresh", "ticket": await ticket(served, worker, younger["token"])})
        assert await stream.hear() == {"t": "refreshed", "expires_at": younger["expires_at"]}
        async with served.http(worker) as http:
            assert (await http.delete("/api/v1/auth/sessions/current")).status_code == 204
        assert (await stream.command("presence.set", {"status": "offline"}))["ok"]


async def test_a_refresh_is_for_the_same_principal(served: Serving) -> None:
    worker, other = served.person("worker"), served.person("worker")
    async with stream_of(served, worker) as stream:
        await stream.say({"t": "refresh", "ticket": await ticket(served, other)})
        refused = await stream.hear()
        assert (refused["t"], problem_code(refused["problem"])) == ("error", "forbidden")
        assert await stream.closed() == 4503


async def test_a_used_ticket_refreshes_nothing(served: Serving) -> None:
    worker = served.person("worker")
    once = await ticket(served, worker)
    async with stream_of(served, worker) as stream:
        await stream.say({"t": "refresh", "ticket": once})
        assert (await stream.hear())["t"] == "refreshed"
        await stream.say({"t": "refresh", "ticket": once})
        assert problem_code((await stream.hear())["problem"]) == "unauthenticated"
        assert await stream.closed() == 4002


async def test_clerks_log_in_again(served: Serving) -> None:
    clerk = served.person("clerk", station="zs-city")
    async with served.http(clerk) as http:
        assert (await http.post("/api/v1/auth/sessions/renew")).status_code == 403
