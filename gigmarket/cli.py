"""The command line: `gigmarket serve`, `demo`, `session create`, `roads build`, `migrate` and the rest."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from gigmarket.domain.ids import Role
from gigmarket.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Dispatch server for a city's gig market.")
session_app = typer.Typer(no_args_is_help=True, help="Sessions for operators and tests.")
roads_app = typer.Typer(no_args_is_help=True, help="Road data from OpenStreetMap extracts.")
app.add_typer(session_app, name="session")
app.add_typer(roads_app, name="roads")

Data = Annotated[Path | None, typer.Option(help="Data folder.")]
Roads = Annotated[Path | None, typer.Option(help="Folder made by `gigmarket roads build`.")]


def settings_with(**given: Any) -> Settings:
    """Settings from the environment with what the command line gave; exits with 2 on a bad value, which is not
    repeated: it may hold a password.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**chosen)
        settings.the_policy()
    except ValidationError as error:
        faults = (f"GIGMARKET_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise fail("; ".join(faults), 2) from None
    except ValueError as error:
        raise fail(str(error), 2) from None
    return settings


@contextmanager
def failing_plainly() -> Iterator[None]:
    """What an installation lacks or cannot use ends a command with one line and 1, not with a traceback."""
    from sqlalchemy.exc import OperationalError

    from gigmarket.domain.errors import Unavailable
    from gigmarket.live.embedded import EmbeddedFailed
    from gigmarket.store.schema import SchemaOutdated
    from gigmarket.travel.places import BadStations
    from workers.supervisor import StartFailed

    try:
        yield
    except OperationalError as error:
        raise fail(f"the database cannot be used: {str(error.orig).splitlines()[0]}") from None
    except OSError as error:
        raise fail(f"{error.filename or 'a file'}: {error.strerror or error}") from None
    except (StartFailed, EmbeddedFailed, SchemaOutdated, BadStations, Unavailable) as error:
        raise fail(str(error)) from None


def fail(message: str, code: int = 1) -> typer.Exit:
    """One clear line on stderr, and the exit to raise."""
    typer.echo(f"gigmarket: {message}", err=True)
    return typer.Exit(code)


@app.command()
def serve(
    data: Data = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 picks a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    roads: Roads = None,
    servers: Annotated[int | None, typer.Option(min=1, max=64, help="Server processes.")] = None,
) -> None:
    """One machine: server, background processes, embedded Valkey, SQLite in the data folder.

    SIGHUP replaces every process but the live store by the program that is on disk then: first the servers one
    by one, without a moment in which nobody answers, then the background processes.
    """
    from gigmarket.process import start_logging
    from workers.supervisor import Supervisor

    start_logging("supervisor")
    os.umask(0o077)
    with failing_plainly():
        Supervisor(settings_with(data=data, port=port, host=host, roads=roads, servers=servers)).run()


@app.command()
def worker(name: Annotated[str, typer.Argument(help="dispatcher, relay, expirer, janitor or all")]) -> None:
    """One background process. GIGMARKET_REDIS_URL must be set, and GIGMARKET_DATABASE_URL or GIGMARKET_DATA."""
    from workers.__main__ import NAMES
    from workers.__main__ import main as run_worker

    os.umask(0o077)
    settings = settings_with()
    if name not in (*NAMES, "all"):
        raise fail(f"unknown worker {name!r}: one of {', '.join(NAMES)}, all", 2)
    if settings.redis_url is None:
        raise fail("GIGMARKET_REDIS_URL must be set: a process alone starts no live store", 2)
    with failing_plainly():
        run_worker(name, settings)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to this program's schema."""
    from gigmarket.store import schema
    from gigmarket.store.engine import open_engine

    settings = settings_with(data=data)
    with failing_plainly():
        if settings.embeds_sqlite():
            settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = open_engine(settings.the_database_url())
        try:
            typer.echo(f"schema {schema.migrate(engine)}")
        finally:
            engine.dispose()


@app.command()
def backup(
    out: Annotated[Path, typer.Option(help="File to write; must not exist.")],
    data: Data = None,
) -> None:
    """Copy a running market's SQLite database (PostgreSQL: use pg_dump)."""
    from gigmarket.store.backup import BackupFailed
    from gigmarket.store.backup import backup as copy_database

    settings = settings_with(data=data)
    if not settings.embeds_sqlite():
        raise fail("this market is on PostgreSQL: use pg_dump", 2)
    try:
        size = copy_database(settings.data / "gigmarket.db", out)
    except BackupFailed as error:
        raise fail(str(error)) from error
    typer.echo(f"{size} bytes → {out}")


@app.command()
def restore(
    copy: Annotated[
        Path, typer.Argument(help="A file made by `gigmarket backup`.", exists=True, dir_okay=False)
    ],
    data: Data = None,
) -> None:
    """Bring a backup back into an empty data folder, with the market stopped."""
    from gigmarket.store.backup import BackupFailed
    from gigmarket.store.backup import restore as bring_back

    settings = settings_with(data=data)
    if not settings.embeds_sqlite():
        raise fail("this market is on PostgreSQL: use pg_restore", 2)
    try:
        bring_back(copy, settings.data / "gigmarket.db")
    except BackupFailed as error:
        raise fail(str(error)) from error
    typer.echo(f"restored into {settings.data}; clients will take a new snapshot")


@session_app.command("create")
def session_create(
    role: Annotated[Role, typer.Option()],
    name: Annotated[str, typer.Option()],
    phone: Annotated[str, typer.Option()],
    data: Data = None,
    station: Annotated[
        str | None,
        typer.Option(help="A clerk's or kiosk's (else the first); staff with one see its region."),
    ] = None,
) -> None:
    """Print one session token, nothing else, on stdout; the account is made if it is new."""
    from gigmarket.bootstrap import prepare_database
    from gigmarket.domain.errors import Refusal
    from gigmarket.services.operators import token_for
    from gigmarket.services.rules import Rules
    from gigmarket.store.database import Store
    from gigmarket.wire.values import name_of

    settings = settings_with(data=data)
    if not 5 <= len(phone.lstrip("+")) <= 20 or not phone.lstrip("+").isdigit():
        raise fail("--phone must be 5 to 20 digits", 2)
    try:
        name = name_of(name)
    except ValueError:
        raise fail("--name must be one line of 1 to 40 characters", 2) from None
    with failing_plainly():
        prepare_database(settings)
    store = Store(settings.the_database_url())
    try:
        done = store.transact_now(
            token_for, Rules(settings.city, settings.the_policy()), role, name, phone, station
        )
    except Refusal as refusal:
        raise fail(refusal.detail) from refusal
    finally:
        store.close()
    typer.echo(done.value)


@roads_app.command("build")
def roads_build(
    pbf: Annotated[Path, typer.Argument(help="An OpenStreetMap extract.", metavar="CITY.osm.pbf")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
) -> None:
    """Read an extract into one folder: a graph per way of travelling, and the streets for the demo."""
    from rich.console import Console

    from gigmarket.travel.roads.build import build
    from gigmarket.travel.streets import RoadsBuildFailed

    console = Console(stderr=True)
    try:
        with failing_plainly(), console.status("reading streets") as status:
            report = build(pbf, out, lambda stage, count: status.update(f"{stage}: {count:,}"))
    except RoadsBuildFailed as error:
        raise fail(str(error)) from error
    for line in report.lines():
        typer.echo(line)


@app.command()
def travel(
    roads: Annotated[Path, typer.Option(help="Folder made by `gigmarket roads build`.")],
    pairs: Annotated[Path, typer.Option(help="CSV: mode,from_lat,from_lng,to_lat,to_lng (WGS-84).")],
    out: Annotated[Path, typer.Option(help="CSV to write: the same with a column seconds.")],
    limit: Annotated[float, typer.Option(min=1, help="Longest travel in seconds.")] = 900.0,
) -> None:
    """Travel times on the roads for a table of pairs; empty where there is no way within the limit."""
    from gigmarket.travel.roads import RoadRouter
    from gigmarket.travel.roads.travel_table import BadTable, add_seconds
    from gigmarket.travel.streets import DamagedRoads

    try:
        report = add_seconds(RoadRouter(roads), pairs, out, limit, lambda line: typer.echo(line, err=True))
    except (BadTable, DamagedRoads, ValueError, OSError) as error:
        raise fail(str(error)) from error
    typer.echo(f"{report.rows} pairs, {report.reached} within {limit:.0f} s, {report.bad} bad → {out}")


@app.command()
def simulate(
    gigs: Annotated[
        Path, typer.Option(help="CSV: id,posted_at,starts_at,ends_at,lat,lng,trade,headcount,wage_fen.")
    ],
    workers: Annotated[
        Path, typer.Option(help="CSV: id,available_from,available_to,lat,lng,trades,mode,floor_wage_fen.")
    ],
    roads: Roads = None,
    policy: Annotated[Path | None, typer.Option(help="TOML with policy numbers to change.")] = None,
    compare: Annotated[str, typer.Option(help="Baselines beside ours: greedy,fcfs.")] = "",
    json: Annotated[bool, typer.Option(help="One JSON object on stdout.")] = False,
) -> None:
    """A day from CSV through the real matching code, without sockets."""
    from gigmarket.simulation.run import main as run_day

    names = [name.strip() for name in compare.split(",") if name.strip()]
    raise typer.Exit(run_day(gigs, workers, roads, policy, names, json))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A recording, rounds-DAY.PART.jsonl.gz.", metavar="FILE")],
    policy: Annotated[Path, typer.Option(help="TOML with policy numbers to change from the recorded ones.")],
    roads: Roads = None,
    plots: Annotated[Path | None, typer.Option(help="Folder for replay.html: tables and charts.")] = None,
    json: Annotated[bool, typer.Option(help="One JSON object on stdout.")] = False,
) -> None:
    """A recorded day again, under its own policy and another one, beside what really happened."""
    from gigmarket.simulation.replay import main as run_replay

    raise typer.Exit(run_replay(file, policy, roads, plots, json))


@app.command()
def doctor(data: Data = None) -> None:
    """Say what this installation has and what it lacks; exits with 1 when something needed is missing."""
    from gigmarket.diagnosis import findings

    found = findings(settings_with(data=data))
    for finding in found:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


@app.command()
def demo(  # noqa: PLR0913, PLR0917 - one parameter per option of the contract
    data: Data = None,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=20_000, help="Simulated day labourers.")] = 300,
    gigs_per_minute: Annotated[float, typer.Option(min=0.1, max=6000)] = 20.0,
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after this long.")] = None,
    seed: Annotated[int, typer.Option()] = 1,
    roads: Roads = None,
    headless: Annotated[bool, typer.Option(help="No live table.")] = False,
    json: Annotated[bool, typer.Option(help="End with one summary object on stdout.")] = False,
) -> None:
    """A living market on one machine: everything embedded, simulated people as real clients."""
    from gigmarket.demo.city import Population
    from gigmarket.demo.show import run_demo

    population = Population(workers=workers, gigs_per_minute=gigs_per_minute, seed=seed, roads=roads)
    raise typer.Exit(run_demo(data, port, population, seconds, headless, json))


def main() -> None:
    """Entry point of the `gigmarket` command."""
    app()


if __name__ == "__main__":
    main()
