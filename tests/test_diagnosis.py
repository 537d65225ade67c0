"""What `gigmarket doctor` looks at: it says FAIL where a market would not live, and ok where it would."""

import shutil
import socket
from pathlib import Path

import pytest

from gigmarket.diagnosis import Finding, findings
from gigmarket.settings import Settings
from gigmarket.store import schema
from gigmarket.store.engine import open_engine, sqlite_url
from tests.test_cli import execute
from tests.travel.roads_town import river_town


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an empty market in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    engine = open_engine(sqlite_url(folder / "gigmarket.db"))
    schema.migrate(engine)
    engine.dispose()
    return folder


def found(what: str, settings: Settings) -> Finding:
    (finding,) = [each for each in findings(settings) if each.what == what]
    return finding


def test_a_new_installation_lacks_nothing(tmp_path: Path) -> None:
    assert [each for each in findings(Settings(data=tmp_path / "data")) if not each.ok] == []
    assert list(tmp_path.iterdir()) == []


def test_a_sound_market_is_read_through(data: Path) -> None:
    finding = found("database", Settings(data=data))
    assert finding.ok
    assert finding.detail.startswith(f"schema {schema.REVISION}; quick_check found nothing wrong")


def test_a_damaged_database_is_said_to_be_one(data: Path) -> None:
    with (data / "gigmarket.db").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 4096)
    finding = found("database", Settings(data=data))
    assert (finding.ok, "is damaged" in finding.detail, "restore COPY --aside" in finding.detail) == (
        False,
        True,
        True,
    )


def test_a_foreign_file_is_no_market(tmp_path: Path) -> None:
    execute(tmp_path / "gigmarket.db", "CREATE TABLE meta (key, value)")
    finding = found("database", Settings(data=tmp_path))
    assert (finding.ok, "is not a gigmarket database" in finding.detail) == (False, True)


@pytest.mark.parametrize(
    ("revision", "ok", "told"),
    [("9999", False, "newer than this program (9999)"), ("0010", True, "brought to")],
)
def test_another_programs_database(data: Path, revision: str, ok: bool, told: str) -> None:
    execute(data / "gigmarket.db", f"UPDATE alembic_version SET version_num = '{revision}'")
    finding = found("database", Settings(data=data))
    assert (finding.ok, told in finding.detail) == (ok, True)


def test_the_database_that_the_url_names_is_looked_at(data: Path, tmp_path: Path) -> None:
    execute(data / "gigmarket.db", "UPDATE alembic_version SET version_num = '9999'")
    named = found("database", Settings(data=tmp_path / "other", database_url=sqlite_url(data / "gigmarket.db")))
    assert (named.ok, "9999" in named.detail) == (False, True)
    nowhere = Settings(data=data, database_url=sqlite_url(tmp_path / "nowhere" / "x.db"))
    assert found("database", nowhere) == Finding(
        "database", False, f"there is no folder {tmp_path / 'nowhere'}"
    )


def test_a_folder_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    # Not even root can.
    finding = found("data folder", Settings(data=Path("/proc/self")))
    assert (finding.ok, "cannot be written by this user" in finding.detail) == (False, True)
    assert found("data folder", Settings(data=tmp_path)).ok
    assert list(tmp_path.iterdir()) == []


def test_roads_that_were_given_must_be_sound(tmp_path: Path) -> None:
    assert found("roads", Settings(data=tmp_path)).ok
    missing = found("roads", Settings(data=tmp_path, roads=tmp_path / "roads"))
    assert (missing.ok, "no roads folder here; build it with" in missing.detail) == (False, True)
    river_town().router(tmp_path)
    assert found("roads", Settings(data=tmp_path, roads=tmp_path / "roads")).ok
    for name in "walk.graph", "points.npy":
        damaged = tmp_path / name.partition(".")[0]
        shutil.copytree(tmp_path / "roads", damaged)
        with (damaged / name).open("r+b") as file:
            file.truncate(100)
        finding = found("roads", Settings(data=tmp_path, roads=damaged))
        assert (finding.ok, f"{name} does not match its checksum" in finding.detail) == (False, True)


def test_outside_services_are_looked_at_where_they_are_set(tmp_path: Path) -> None:
    services = {"sms gateway", "call gateway", "geocoder"}
    assert not services & {each.what for each in findings(Settings(data=tmp_path))}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        there = Settings(data=tmp_path, sms_gateway=f"http://127.0.0.1:{port}/s3cret")
        assert found("sms gateway", there) == Finding("sms gateway", True, f"127.0.0.1:{port} answers")
    gone = found("sms gateway", there)
    assert (gone.ok, "does not answer" in gone.detail, "s3cret" in gone.detail) == (False, True, False)
    assert not found("geocoder", Settings(data=tmp_path, geocoder=f"http://127.0.0.1:{port}")).ok
