"""Node's servers as peers: installed by npm into a temporary folder, run like our own processes."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from loadtests.serving import Running, process

PEERS = Path(__file__).parent / "peers"
PACKAGES = ("ws@8", "socket.io@4")
INSTALL_S = 90.0


def install(folder: Path) -> str | None:
    """Put the peers and what they need into this folder; the reason when that cannot be done."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    folder.mkdir(parents=True)
    for peer in PEERS.glob("*.mjs"):
        shutil.copy(peer, folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        return f"npm took more than {INSTALL_S:.0f} s"
    return None if done.returncode == 0 else f"npm could not install: {done.stderr.strip()[-200:]}"


def version_of(folder: Path, package: str) -> str:
    """The version of an installed package."""
    found: str = json.loads((folder / "node_modules" / package / "package.json").read_text("utf-8"))["version"]
    return found


@contextmanager
def peer(folder: Path, name: str, said: Mapping[str, str]) -> Iterator[Running]:
    """Run a peer that says these texts, until the block ends."""
    texts = folder / f"{name}.json"
    texts.write_text(json.dumps(said), "utf-8")
    with process(["node", str(folder / f"{name}.mjs"), str(texts)], {}, folder / f"{name}.log") as running:
        yield running
