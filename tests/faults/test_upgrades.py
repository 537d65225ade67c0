"""A new release while people work: the schema is migrated under the old one, then every process is replaced."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

import pytest

import gigmarket
from gigmarket.store.schema import REVISION
from tests.faults.market import QUICK, Market, Rush, market
from tests.serving import command
from tests.talking import eventually

pytestmark = [pytest.mark.faults, pytest.mark.system]

ROOT = Path(gigmarket.__file__).parents[1]
NEXT = f"{int(REVISION) + 1:04}"
MIGRATION = f'''
"""What the next release needs: a column on what is written most, an index, and a table."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{REVISION}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignment", sa.Column("seen_by", sa.String(), nullable=True))
    op.create_index("offer_seen", "offer", ["worker_id", "expires_at"])
    op.create_table("visit", sa.Column("id", sa.Integer(), primary_key=True))
'''


def release(folder: Path) -> Path:
    """A copy of the program, as an installation has it."""
    for name in ("gigmarket", "workers", "static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def newer(folder: Path) -> Path:
    """The next release: one migration more, and a program that wants it."""
    store = release(folder) / "gigmarket" / "store"
    (store / "migrations" / "versions" / f"{NEXT}_next.py").write_text(MIGRATION)
    schema = store / "schema.py"
    schema.write_text(schema.read_text().replace(f'REVISION = "{REVISION}"', f'REVISION = "{NEXT}"'))
    return folder


async def install(running: Market, installed: Path, folder: Path) -> None:
    """Put another release in place, and migrate the database by it."""
    fresh = installed.with_name("fresh")
    fresh.symlink_to(folder)
    fresh.replace(installed)
    migrating = await asyncio.create_subprocess_exec(
        *command("migrate", "--data", str(running.served.data)), env=running.served.environment
    )
    assert await migrating.wait() == 0


async def test_a_release_with_a_migration_is_rolled_out_while_people_work(
    tmp_path: Path, rng: random.Random, database: dict[str, str]
) -> None:
    installed = tmp_path / "installed"
    installed.symlink_to(release(tmp_path / "old"))
    # Each server lets go of its sockets over ten seconds, one server after the other.
    program = {
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(installed),
        "GIGMARKET_SERVERS": "2" if database else "1",
    }
    with market(tmp_path, rng, QUICK, **program, **database) as running:
        async with Rush(running).going() as rush:
            await rush.assigned(2)
            before = running.served.children()
            await install(running, installed, newer(tmp_path / "new"))
            assert running.sql("SELECT version_num FROM alembic_version") == [(NEXT,)]
            await rush.assigned(2)
            running.served.process.send_signal(signal.SIGHUP)

            async def replaced() -> bool:
                now = await asyncio.to_thread(running.served.children)
                return now.keys() == before.keys() and not set(now.values()) & set(before.values())

            await eventually(replaced, "every process is new", 90)
            await rush.assigned(2)
        # The old release would not have started on this schema.
        assert "this program needs" not in running.served.text()
        assert all(phone.resumed for phone in rush.phones)
        running.judge()
