"""Commands on a market's people: sessions, and what one person may ask of the city."""

import os
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from gigmarket.cli_data import Data
from gigmarket.domain.ids import Role
from gigmarket.plain_failure import fail, failing_plainly, settings_with
from gigmarket.settings import Settings

session_app = typer.Typer(no_args_is_help=True, help="Sessions for operators and tests.")
person_app = typer.Typer(no_args_is_help=True, help="What one person may ask for: his data, to be forgotten.")

Whose = Annotated[Role, typer.Option("--role", help="The same phone may be a worker's and an employer's.")]
Phone = Annotated[str, typer.Option(help="The number that the account logs in with.")]
T = TypeVar("T")


@session_app.command("create")
def session_create(
    role: Annotated[Role, typer.Option()],
    name: Annotated[str, typer.Option()],
    phone: Annotated[str, typer.Option()],
    data: Data = None,
    station: Annotated[
        str | None,
        typer.Option(
            help="A clerk's or kiosk's (else the first); staff with one see its region, with \"\" the city."
        ),
    ] = None,
) -> None:
    """Print one session token, nothing else, on stdout; the account is made if it is new.

    A clerk or staff known already gets the name and the station given here: stderr says so, and a new station
    ends their earlier sessions.
    """
    from gigmarket.services.operators import enter
    from gigmarket.services.rules import Rules
    from gigmarket.wire.people import phone_of
    from gigmarket.wire.values import name_of

    settings = settings_with(data=data)
    try:
        phone = phone_of(phone)
    except ValueError:
        raise fail("--phone must be 5 to 20 digits, a + before them or not", 2) from None
    try:
        name = name_of(name)
    except ValueError:
        raise fail("--name must be one line of 1 to 40 characters", 2) from None
    rules = Rules(settings.city, settings.the_policy())
    entered = _on_store(settings, enter, rules, role, name, phone, station)
    for line in entered.told:
        typer.echo(f"gigmarket: {line}", err=True)
    typer.echo(entered.token)


@person_app.command("export")
def export(role: Whose, phone: Phone, data: Data = None) -> None:
    """Print all that SQL keeps about one person, as JSON by table; keys and PINs only as there or not."""
    from gigmarket.services.personal import hand_out
    from gigmarket.wire.codec import encode

    typer.echo(encode(_on_store(settings_with(data=data), hand_out, role, phone)))


@person_app.command("forget")
def forget(
    role: Whose,
    phone: Phone,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Blank one person's name, phone, PIN, ID, place and own words for good; work and wages stay, unnamed.

    Refused while work, wages, postings or appeals are open.
    """
    from gigmarket.services import personal
    from gigmarket.services.rules import Rules

    if not yes:
        typer.confirm("This cannot be undone. Go on?", abort=True, err=True)
    settings = settings_with(data=data)
    rules = Rules(settings.city, settings.the_policy())
    _on_store(settings, personal.forget, rules, role, phone)
    typer.echo(f"forgotten; backups still name this {role} until they are deleted")


def _on_store(settings: Settings, work: Callable[..., T], *args: object) -> T:
    from gigmarket.bootstrap import prepare_database
    from gigmarket.domain.errors import Refusal
    from gigmarket.store.database import Store

    os.umask(0o077)
    with failing_plainly():
        # The stations are the market's own, which may know another list than this shell.
        prepare_database(settings, only_first=True)
        store = Store(settings.the_database_url())
        try:
            return store.transact_now(work, *args).value
        except Refusal as refusal:
            raise fail(refusal.detail) from refusal
        finally:
            store.close()
