"""nginx in front of a server, by deploy/nginx.conf, with a certificate of its own: as a city runs it."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

CONF = Path(__file__).parents[1] / "deploy" / "nginx.conf"
READY_S = 10.0
_AROUND = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/city.conf;
}}
"""


@contextmanager
def before(url: str, folder: Path) -> Iterator[str | None]:
    """nginx until the block ends, in front of the server at `url`; its https address, None without nginx or
    openssl. Raises RuntimeError when it does not start.
    """
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        yield None
        return
    here = folder / "nginx"
    here.mkdir()
    certify(here)
    port = free_port()
    city = CONF.read_text("utf-8")
    for theirs, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("server 127.0.0.1:8000", f"server {urlsplit(url).netloc}"),
        ("/etc/ssl/gigmarket/fullchain.pem", str(here / "certificate.pem")),
        ("/etc/ssl/gigmarket/key.pem", str(here / "key.pem")),
    ):
        if theirs not in city:
            raise RuntimeError(f"deploy/nginx.conf has no {theirs!r} any more")
        city = city.replace(theirs, ours)
    (here / "city.conf").write_text(city, "utf-8")
    (here / "nginx.conf").write_text(_AROUND.format(folder=here), "utf-8")
    running = subprocess.Popen(
        ["nginx", "-p", str(here), "-c", str(here / "nginx.conf")], stderr=subprocess.PIPE
    )
    try:
        _wait(port, running)
        yield f"https://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.communicate(timeout=READY_S)


def certify(folder: Path) -> None:
    """A key and a certificate for this machine, good for a day."""
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"), "-days", "1",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


def _wait(port: int, running: "subprocess.Popen[bytes]") -> None:
    anybody = ssl._create_unverified_context()  # noqa: S323 - its certificate is one of a minute ago
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and running.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as line, anybody.wrap_socket(line):
                return
        except OSError:
            time.sleep(0.05)
    running.terminate()
    _, said = running.communicate(timeout=READY_S)
    raise RuntimeError(f"nginx did not start: {said.decode(errors='replace')[-500:]}")
