"""The command line: `gigmarket serve`, `demo`, `session create`, `roads build`, `migrate` and the rest."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from gigmarket import __version__
from gigmarket.cli_data import Data, data_app
from gigmarket.cli_people import person_app, session_app
from gigmarket.plain_failure import fail, failing_plainly, settings_with

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Dispatch server for a city's gig market.")
roads_app = typer.Typer(no_args_is_help=True, help="Road data from OpenStreetMap extracts.")
app.add_typer(data_app)
app.add_typer(session_app, name="session")
app.add_typer(person_app, name="person")
app.add_typer(roads_app, name="roads")

Roads = Annotated[Path | None, typer.Option(help="Folder made by `gigmarket roads build`.")]


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def versioned(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Dispatch server for a city's gig market."""


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
    # The rest of the program takes a second to load; until the supervisor listens nothing is there to be ended.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
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


@roads_app.command("build")
def roads_build(
    pbf: Annotated[Path, typer.Argument(help="An OpenStreetMap extract.", metavar="CITY.osm.pbf")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
) -> None:
    """Read an extract into one folder: a graph per way of travelling, and the streets for the demo.

    stderr has a bar for each step, or a line as each is done where it is no terminal.
    """
    from rich.console import Console

    from gigmarket.cli_progress import steps_on
    from gigmarket.travel.roads.build import build
    from gigmarket.travel.streets import RoadsBuildFailed

    # So that nothing half written stays behind.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with failing_plainly(), steps_on(Console(stderr=True)) as tell:
            report = build(pbf, out, tell)
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
def doctor(data: Data = None, roads: Roads = None) -> None:
    """Say what this installation has and what it lacks; exits with 1 when something needed is missing."""
    from gigmarket.diagnosis import findings

    os.umask(0o077)
    found = findings(settings_with(data=data, roads=roads))
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

    os.umask(0o077)
    population = Population(workers=workers, gigs_per_minute=gigs_per_minute, seed=seed, roads=roads)
    raise typer.Exit(run_demo(data, port, population, seconds, headless, json))


def main() -> None:
    """Entry point of the `gigmarket` command."""
    app()


if __name__ == "__main__":
    main()
