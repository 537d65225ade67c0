"""The law, change by change: what everybody holds afterwards is what a new client gets; nobody else is told."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigmarket.edge.app import create_app
from gigmarket.settings import Settings
from gigmarket.wire.events import KINDS
from gigmarket.wire.ops import OPS
from tests.law.followers import Law
from tests.law.stories import CASES, world

ROOT = Path(__file__).parents[2]

ROUTES = {
    "POST /api/v1/gigs": "gig.post",
    "POST /api/v1/gigs/{item}/cancel": "gig.cancel",
    "POST /api/v1/offers/{item}/accept": "offer.accept",
    "POST /api/v1/offers/{item}/decline": "offer.decline",
    "POST /api/v1/offers/{item}/extend": "offer.extend",
    "POST /api/v1/assignments/{item}/check-in": "assignment.check_in",
    "POST /api/v1/assignments/{item}/check-out": "assignment.check_out",
    "POST /api/v1/assignments/{item}/confirm": "assignment.confirm",
    "POST /api/v1/assignments/{item}/settle": "assignment.settle",
    "POST /api/v1/assignments/{item}/dispute": "assignment.dispute",
    "POST /api/v1/assignments/{item}/cancel": "assignment.cancel by the worker",
    "POST /api/v1/assignments/{item}/late": "assignment.late",
    "POST /api/v1/assignments/{item}/vouch": "assignment.vouch",
    "POST /api/v1/gigs/{item}/settle": "gig.settle",
    "POST /api/v1/assignments/{item}/no-show": "assignment.no_show",
    "PUT /api/v1/workers/me": "another profile",
    "PUT /api/v1/workers/me/pin": "the first PIN",
    "PUT /api/v1/workers/me/presence": "presence.set to available",
    "PUT /api/v1/workers/{item}/groups": "priority groups",
    "PUT /api/v1/employers/me": "an employer is renamed",
    "POST /api/v1/stations/me/workers": "a clerk enters a known number",
    "POST /api/v1/appeals": "an appeal is answered",
    "POST /api/v1/appeals/{item}/answer": "an appeal is answered",
    "POST /api/v1/auth/sessions": "somebody logs in, at a kiosk too, and out again",
    "POST /api/v1/auth/sessions/renew": "somebody logs in, at a kiosk too, and out again",
    "DELETE /api/v1/auth/sessions/current": "somebody logs in, at a kiosk too, and out again",
    "POST /api/v1/kiosks": "somebody logs in, at a kiosk too, and out again",
    "POST /api/v1/kiosks/identify": "somebody logs in, at a kiosk too, and out again",
    "POST /api/v1/accounts/{item}/suspend": "a worker is suspended and restored",
    "POST /api/v1/accounts/{item}/restore": "a worker is suspended and restored",
    "POST /api/v1/kiosks/attendance": "assignment.check_in",
    "POST /api/v1/kiosks/scan": "somebody logs in, at a kiosk too, and out again",
    # A number of the telephone company's: nothing of the market changes.
    "POST /api/v1/assignments/{item}/call": None,
    # Devices, papers and PINs are read over HTTP; a device that is shut out is told by its socket's close.
    "POST /api/v1/kiosks/enrolments": None,
    "POST /api/v1/kiosks/enrolments/approve": None,
    "POST /api/v1/kiosks/enrolments/{item}/claim": None,
    "POST /api/v1/kiosks/{item}/revoke": None,
    "POST /api/v1/kiosks/clerk": None,
    "PUT /api/v1/clerks/me/pin": None,
    "POST /api/v1/stations/me/workers/act-for": None,
    "POST /api/v1/workers/me/crew": "a crew is opened",
    "POST /api/v1/workers/me/crew/join": "a crew is joined while both are asked",
    "POST /api/v1/workers/me/crew/leave": "a crew is left while it is asked",
    "POST /api/v1/workers/me/crew/remove": "a crew's leader goes on without somebody",
    "POST /api/v1/stations/me/cards": None,
    "POST /api/v1/stations/me/cards/revoke": None,
    "POST /api/v1/assignments/{item}/ticket": None,
    "POST /api/v1/gigs/{item}/place": "a desk places by hand",
    "POST /api/v1/gigs/find": None,
    "POST /api/v1/accounts/{item}/reveal": None,
    "POST /api/v1/accounts/find": None,
    "POST /api/v1/places/find": None,
    "POST /api/v1/auth/otp": None,
    "POST /api/v1/ws-tickets": None,
}
"""Every way to change something over HTTP, with its story; None changes nothing that a stream tells."""

TRANSACTIONS = {
    "accounts.identify": "somebody logs in, at a kiosk too, and out again",
    "accounts.log_in": "somebody logs in, at a kiosk too, and out again",
    "accounts.log_out": "somebody logs in, at a kiosk too, and out again",
    "accounts.open_kiosk": "somebody logs in, at a kiosk too, and out again",
    "accounts.renew": "somebody logs in, at a kiosk too, and out again",
    "accounts.register": "a clerk enters a known number",
    "accounts.set_pin": "the first PIN",
    "accept_many": "offer.accept of two at once, in a hall too",
    "appeals.answer": "an appeal is answered",
    "assignments.pass_time_due": "hours pass without anybody",
    "claim": "claim",
    "crews.open_crew": "a crew is opened",
    "crews.join": "a crew is joined while both are asked",
    "crews.leave": "a crew is left while it is asked",
    "crews.remove": "a crew's leader goes on without somebody",
    "commands.perform": "offer.accept",
    "fairness.set_groups": "priority groups",
    "gigs.pass_time_due": "recruiting ends without anybody",
    "names.rename_employer": "an employer is renamed",
    "offers.expire_due": "offer runs out",
    "presence.forget_due": "forgotten after silence",
    "presence.set_profile": "another profile",
    "suspensions.suspend": "an employer is suspended and restored",
    "suspensions.restore": "an employer is suspended and restored",
    "_enter_stations": "a station moves",
    "_place": "a desk places by hand",
    "_post": "gig.post",
    "_seen": "a sign of life from somewhere else",
    "attendance.keep": "assignment.check_in",
    "passes.scan": "somebody logs in, at a kiosk too, and out again",
    # Devices, papers and PINs: nobody's stream has them.
    "kiosks.begin": None,
    "kiosks.approve": None,
    "kiosks.claim": None,
    "kiosks.revoke": None,
    "kiosks.clerk_mode": None,
    "kiosks.set_clerk_pin": None,
    "kiosks.act_for": None,
    "passes.card": None,
    "passes.revoke_all": None,
    "passes.ticket": None,
    # Read and written for desks, over HTTP.
    "deliveries.mark": None,
    "suspensions.find": None,
    # The market's counters and cells as they were, read over HTTP.
    "keep": None,
    "suspensions.reveal": None,
    # Appeals are read over HTTP, reasons and draws too.
    "_file": None,
    "_keep": None,
    "open_chain": None,
    # The command line's: desks' people, and one person's end, of which screens are told the new name by the
    # services that rename (what is past and blanked is gone when they are next opened). A write of nothing.
    "work": None,
    "_write_again": None,
    # Keys, sessions, reasons, and events that have had their day: the walk deletes those too.
    "_delete_old": None,
    "_take_fence": None,
    "profiles.follow": None,
    # Whatever runs in a transaction: the callers above.
    "fn": None,
}
"""Every function that anything in the product runs in a transaction, with its story."""


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CASES)
async def test_a_change_reaches_everybody_whom_it_concerns(law: Law, name: str) -> None:
    case, small = CASES[name], world(law)
    act = case.act(small)
    law.check("before")
    law.kinds.clear()
    act()
    law.check(name)
    assert law.kinds == case.tells
    # And by the way of somebody who was away meanwhile.
    for follower in law.followers:
        law.disconnect(follower)
        law.connect(follower)
    await law.engine.flush()


def test_every_kind_of_event_has_a_story_for_each_of_its_readers() -> None:
    told = {(kind, who) for case in CASES.values() for kind, readers in case.tells.items() for who in readers}
    assert told == {(name, owner) for name, kind in KINDS.items() for owner in kind.data}


@pytest.mark.parametrize("op", OPS)
def test_every_operation_has_a_story(op: str) -> None:
    assert [name for name in CASES if name.startswith(op)]


def test_every_change_over_http_has_a_story(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path))
    changing = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if method != "get"
    }
    assert changing == ROUTES.keys()
    assert {case for case in ROUTES.values() if case} <= CASES.keys()


def test_every_transaction_has_a_story() -> None:
    assert transactions() == TRANSACTIONS.keys()
    assert {case for case in TRANSACTIONS.values() if case} <= CASES.keys()


def transactions() -> set[str]:
    """What is handed to `transact` anywhere in the server; the demo and the operator's session make people whom
    nobody follows yet.
    """
    folders = (ROOT / "gigmarket", ROOT / "workers")
    left_out = (
        ROOT / "gigmarket" / "demo",
        ROOT / "gigmarket" / "cli.py",
        ROOT / "gigmarket/edge/http/demo.py",
    )
    found: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        if not any(path.is_relative_to(each) for each in left_out):
            found.update(_transacted(ast.parse(path.read_text("utf-8"))))
    return found


def _transacted(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in ("transact", "transact_now"):
            assert isinstance(node, ast.Call)
            yield ast.unparse(node.args[0])
