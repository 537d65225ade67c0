"""Migrations make exactly the tables that the program uses."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.engine import open_engine
from gigmarket.store.tables import METADATA

pytestmark = pytest.mark.contract


def test_the_migrated_schema_is_that_of_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_an_empty_database_is_outdated(empty_url: str) -> None:
    engine = open_engine(empty_url)

    assert schema.present(engine) is None
    with pytest.raises(schema.SchemaOutdated, match="run `gigmarket migrate`"):
        schema.check(engine)
    engine.dispose()


def test_a_migrated_database_is_not(empty_url: str) -> None:
    engine = open_engine(empty_url)

    assert schema.migrate(engine) == schema.REVISION

    schema.check(engine)
    assert schema.present(engine) == schema.REVISION
    engine.dispose()


def test_migrating_again_keeps_the_epoch(empty_url: str) -> None:
    engine = open_engine(empty_url)
    schema.migrate(engine)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT value FROM meta WHERE key = 'stream_epoch'")).scalar_one()

    schema.migrate(engine)

    with engine.connect() as connection:
        after = connection.execute(text("SELECT value FROM meta WHERE key = 'stream_epoch'")).scalar_one()
    assert after == before
    engine.dispose()


def test_every_database_has_an_epoch_of_its_own(store: Store, empty_url: str) -> None:
    other = open_engine(empty_url)
    schema.migrate(other)
    other.dispose()
    elsewhere = Store(empty_url)

    assert elsewhere.read_now(lambda tx: tx.streams.epoch()) != store.read_now(lambda tx: tx.streams.epoch())
    elsewhere.close()


def test_the_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    newer = r"newer than this program \(9999\): use the newer program, or restore a backup"
    with pytest.raises(schema.SchemaOutdated, match=newer):
        schema.check(store.engine)
    with pytest.raises(schema.SchemaOutdated, match=newer):
        schema.migrate(store.engine)
    assert schema.present(store.engine) == "9999"


def test_the_database_of_an_older_program_is_to_be_migrated(store: Store) -> None:
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '0010'"))

    with pytest.raises(schema.SchemaOutdated, match=r"schema is 0010.*run `gigmarket migrate`"):
        schema.check(store.engine)


def test_every_migration_is_known_by_its_number():
    scripts = ScriptDirectory.from_config(schema.scripts())
    assert schema.known() == {script.revision for script in scripts.walk_revisions()}


def test_the_named_revision_is_the_newest_migration():
    assert ScriptDirectory.from_config(schema.scripts()).get_current_head() == schema.REVISION
