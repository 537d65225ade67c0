"""Files as a killed process, a bad disk or a stranger leaves them."""

import gzip
import signal
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.recording.lines import Gig, Header, Line, Worker
from gigmarket.recording.reader import BadRecording, read
from gigmarket.recording.recorder import recordings
from gigmarket.simulation.made import Family, make_day
from tests.recording.market_day import market_day, record, recorder
from tests.recording.test_recorder import GIG, ROUND, WORKER

DAY = market_day(make_day(Family(seats=30, workers=12), 1))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(DAY, tmp_path_factory.mktemp("whole"))


def packed(text: bytes) -> bytes:
    """The same bytes whenever it is called: they name test cases, which all test processes must name alike."""
    return gzip.compress(text, mtime=0)


def test_what_was_flushed_can_be_read_while_the_file_grows_and_after_a_kill(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.add([GIG, WORKER])
    writing.flush()
    (path,) = recordings(tmp_path)
    said: list[str] = []
    assert len([*read(path, said.append)]) == 3
    assert said == []
    writing.add([ROUND])
    writing.close()
    assert len([*read(path, said.append)]) == 4


@given(share=st.floats(0.02, 0.999))
def test_a_file_cut_anywhere_gives_every_whole_line_before_the_cut(whole: Path, share: float) -> None:
    everything = [*read(whole)]
    packed = whole.read_bytes()
    cut = whole.with_name("cut.gz")
    cut.write_bytes(packed[: int(len(packed) * share)])
    said: list[str] = []
    lines: list[Line] = []
    with suppress(BadRecording):
        lines.extend(read(cut, said.append))
    assert lines == everything[: len(lines)]
    assert len(said) <= 1


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.recording.market_day import recorder
from tests.recording.test_recorder import GIG, ROUND, WORKER

writing = recorder(Path(sys.argv[1]))
writing.add([GIG, WORKER])
writing.flush()
writing.add([ROUND])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_after_sigkill_everything_flushed_is_there(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    (path,) = recordings(tmp_path)
    assert [type(line) for line in read(path, pytest.fail)] == [Header, Gig, Worker]


def test_a_torn_last_line_is_skipped_with_a_warning(whole: Path, tmp_path: Path) -> None:
    text = gzip.decompress(whole.read_bytes())
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(packed(text[:-7]))
    said: list[str] = []
    assert [*read(torn, said.append)] == [*read(whole)][:-1]
    assert said == ["torn.jsonl.gz: the last line was cut off and is left out"]


HEAD = (
    b'{"t":"day","at":1,"format":1,"day":"2026-05-11","offset_s":0,"software":"0","estimated":true,"policy":{}}'
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds nothing"),
        (b"no gzip at all", "not gzip, or damaged"),
        (packed(b""), "holds nothing"),
        (packed(HEAD + b"\n") + b"tail", "something stands after the end"),
        (
            packed(HEAD.replace(b'"format":1', b'"format":2') + b"\n"),
            "format version 2; this program reads 1",
        ),
        (packed(HEAD.replace(b'"format":1', b'"format":[]') + b"\n"), "format version []"),
        (packed(HEAD + b"\n" + HEAD + b"\n"), "begins with its one day line"),
        (packed(b'{"t":"gone","at":1,"worker":"a"}\n'), "begins with its one day line"),
        (packed(HEAD + b"\n{\n"), "line 2: "),
        (packed(HEAD + b"\n[]\n"), "None is no kind of line"),
        (packed(HEAD + b'\n{"t":"party"}\n'), "'party' is no kind of line"),
        (packed(HEAD + b'\n{"t":"gone","at":"1","worker":"a"}\n'), "line 2, at: "),
        (packed(HEAD + b'\n{"t":"gone","at":1e300,"worker":"a"}\n'), "line 2, at: "),
        (packed(HEAD + b'\n{"t":"gone","at":1}\n'), "line 2, worker: "),
        (packed(HEAD + b'\n{"t":"gone","at":1,"worker":""}\n'), "line 2, worker: "),
        (packed(HEAD + b'\n{"t":"gone","at":1,"worker":"\xff"}\n'), "line 2: "),
    ],
)
def test_what_is_no_recording_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(BadRecording) as refused:
        list(read(path))
    assert said in str(refused.value)
    assert "bad.jsonl.gz" in str(refused.value)


def test_a_flipped_byte_is_found(whole: Path, tmp_path: Path) -> None:
    packed = bytearray(whole.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "flipped.gz"
    path.write_bytes(packed)
    with pytest.raises(BadRecording):
        list(read(path))


def test_a_file_that_never_ends_its_line_is_not_swallowed_whole(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(zlib.compress(b" " * (1 << 25), wbits=31))
    with pytest.raises(BadRecording, match="a line of more than"):
        list(read(path))


def test_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "more.gz"
    path.write_bytes(packed(HEAD.replace(b'"at":1', b'"at":1,"more":2') + b"\n"))
    assert len([*read(path)]) == 1
