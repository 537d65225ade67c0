"""What a person installs: the wheel is built offline and holds all it needs, and nothing it does not."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("gigmarket-*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def files(folder: str) -> set[str]:
    """The files of the checkout under `folder`, as names relative to its root; hidden ones left out."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def test_both_packages_are_in_it(contents: set[str]) -> None:
    assert {"gigmarket/__init__.py", "workers/__init__.py"} <= contents


@pytest.mark.parametrize("folder", ["gigmarket", "workers"])
def test_everything_beside_the_code_is_in_it(contents: set[str], folder: str) -> None:
    """Every *.py, *.lua, *.csv, migration and template: an ignore rule must not drop one unseen."""
    assert files(folder) - contents == set()


def test_web_clients_are_in_it(contents: set[str]) -> None:
    pages = files("static")
    assert "static/vendor/preact.mjs" in pages
    assert {f"gigmarket/{page}" for page in pages} - contents == set()


def test_command_and_licence_are_in_it(contents: set[str]) -> None:
    inside = {name.split(".dist-info/")[-1] for name in contents if ".dist-info/" in name}
    assert {"entry_points.txt", "licenses/LICENSE", "METADATA"} <= inside


def test_nothing_else_is_in_it(contents: set[str]) -> None:
    tops = {name.split("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gigmarket", "workers"}
    assert {name for name in contents if "__pycache__" in name or "loadtests" in name} == set()
