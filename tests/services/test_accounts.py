"""Accounts and sessions, and the console's SMS sender."""

from datetime import UTC, datetime, timedelta

import pytest

from gigmarket.domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import Role, StationId
from gigmarket.services import accounts
from gigmarket.services.credentials import hash_pin, new_token, pin_matches, token_hash
from gigmarket.services.operators import enter
from gigmarket.services.sms import ConsoleSms, login_code
from gigmarket.wire.people import IdentifyIn, RegisterIn
from tests.services.town import Town

ENTERED = RegisterIn(name="赵六", phone="13900000000", pin="1234", trades=["porter"], mode=Mode.WALK)


@pytest.mark.parametrize(
    ("role", "hours"), [("worker", 90 * 24), ("employer", 30 * 24), ("clerk", 12), ("staff", 12)]
)
def test_a_session_ends_by_itself(town: Town, role: str, hours: int) -> None:
    token = town.do(enter, town.rules, Role(role), "张三", "13900000000", None).token
    end = town.now + timedelta(hours=hours)
    assert town.see(accounts.authenticate, token, end - timedelta(seconds=1)).role == role
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, token, end)


def test_a_token_is_stored_as_its_hash_only(town: Town) -> None:
    token = town.do(enter, town.rules, Role.WORKER, "张三", "13900000000", None).token
    assert token.encode() not in town.path.read_bytes() + town.path.with_suffix(".db-wal").read_bytes()
    assert new_token() != new_token()
    assert len(token_hash(token)) == 64


def test_the_same_phone_is_the_same_person_in_each_role(town: Town) -> None:
    people = [town.person(Role.WORKER), town.person(Role.EMPLOYER)]
    again = [
        town.see(
            accounts.authenticate,
            town.do(enter, town.rules, role, "another name", phone, None).token,
            town.now,
        )
        for role, phone in ((Role.WORKER, "13800000000"), (Role.EMPLOYER, "13800000000"))
    ]
    assert again[0].account == people[0].account
    assert again[1].account not in {person.account for person in people}


def test_signing_up_needs_a_name_and_only_workers_and_employers_do(town: Town) -> None:
    with pytest.raises(Invalid):
        town.do(accounts.log_in, town.rules, Role.WORKER, "13900000000", None)
    with pytest.raises(Forbidden):
        town.do(accounts.log_in, town.rules, Role.STAFF, "13900000000", "我")
    session = town.do(accounts.log_in, town.rules, Role.WORKER, "13900000000", "张三")
    again = town.do(accounts.log_in, town.rules, Role.WORKER, "13900000000", None)
    assert again.account == session.account


def test_logging_out_ends_one_session(town: Town) -> None:
    first, second = (town.do(accounts.log_in, town.rules, Role.WORKER, "13900000000", "张三") for _ in range(2))
    town.do(accounts.log_out, town.see(accounts.authenticate, first.token, town.now))
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, first.token, town.now)
    assert town.see(accounts.authenticate, second.token, town.now).account == second.account.id


def test_a_clerk_enters_a_worker_and_a_known_number_keeps_its_own(town: Town) -> None:
    clerk = town.person(Role.CLERK, station=town.see(lambda tx: tx.stations.all()[0].id))
    view = town.do(accounts.register, town.rules, clerk, ENTERED, hash_pin("1234"))
    account, stored = town.see(accounts.worker_at_kiosk, IdentifyIn(phone=ENTERED.phone, pin="1234"))
    assert (account.id, pin_matches("1234", stored), pin_matches("4321", stored)) == (view.id, True, False)
    again = ENTERED.model_copy(update={"name": "someone else", "trades": ["guard"]})
    assert town.do(accounts.register, town.rules, clerk, again, hash_pin("9999")).name == "赵六"
    worker = town.see(lambda tx: tx.workers.get(view.id))  # type: ignore[arg-type]
    assert worker.trades == {"porter"}
    with pytest.raises(Forbidden):
        town.do(accounts.register, town.rules, town.employer(), ENTERED, hash_pin("1234"))


def test_a_kiosk_session_is_short_and_knows_its_desk(town: Town) -> None:
    clerk = town.person(Role.CLERK, station=town.see(lambda tx: tx.stations.all()[0].id))
    opened = town.do(accounts.open_kiosk, town.rules, clerk, None)
    kiosk = town.see(accounts.authenticate, opened.token, town.now)
    town.do(accounts.register, town.rules, clerk, ENTERED, hash_pin("1234"))
    account, _ = town.see(accounts.worker_at_kiosk, IdentifyIn(phone=ENTERED.phone, pin="1234"))
    session = town.do(accounts.identify, town.rules, kiosk, account)
    actor = town.see(accounts.authenticate, session.token, town.now)
    assert (actor.role, actor.station, actor.via) == (Role.WORKER, clerk.station, kiosk.account)
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, session.token, town.now + timedelta(minutes=10))
    with pytest.raises(NotFound):
        town.do(accounts.open_kiosk, town.rules, clerk, StationId("nowhere"))


@pytest.mark.parametrize("phone", ["13900000000", "13800000000"])
def test_unknown_numbers_and_those_without_a_pin_look_alike(town: Town, phone: str) -> None:
    town.worker()
    with pytest.raises(NotFound, match="no worker with this number has a PIN"):
        town.see(accounts.worker_at_kiosk, IdentifyIn(phone=phone, pin="1234"))


async def test_the_console_prints_the_code_and_not_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    await ConsoleSms().send("13912345678", login_code("123456", 5), datetime.now(UTC))
    printed = capsys.readouterr().err
    assert "123456" in printed
    assert "13912345678" not in printed
    assert "139******78" in printed
