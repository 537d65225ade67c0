"""The dispatcher's recording on a disk that takes none."""

import asyncio
from pathlib import Path

import pytest

from gigmarket.domain.ids import WorkerId
from gigmarket.recording.lines import Gone
from gigmarket.services.market import Market
from tests.talking import eventually
from workers import recording
from workers.recording import Recording


async def test_a_recording_that_cannot_be_written_ends_nothing_and_is_told_once(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "FLUSH_S", 0.0)
    market.recordings = tmp_path / "recordings"
    market.recordings.write_text("a file where the folder should be")
    written = Recording(market)
    running = asyncio.create_task(written.run())

    async def lost_two() -> bool:
        written._recorder.add([Gone(0.0, WorkerId("w1"))])
        return written._recorder.dropped >= 2

    await eventually(lost_two, "two flushes failed")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    said = [line for line in caplog.messages if "the recording is not written" in line]
    assert len(said) == 1
