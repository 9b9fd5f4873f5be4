"""Progress, Ctrl+C and the log."""

from __future__ import annotations

import io
import json
import signal
import threading
from pathlib import Path

import pytest

from microgpt.interrupt import Interrupt
from microgpt.log import Log, LogError, check_log
from microgpt.progress import Progress
from microgpt.train import Update


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    monkeypatch.setenv("COLUMNS", "81")
    return clock


def update(step: int, loss: float = 2.0) -> Update:
    return Update(step, "emma", loss, 0.01, 1.0)


class TestProgress:
    def test_lines(self, clock):
        stream = io.StringIO()
        progress = Progress(stream, 90, 200)
        progress.status("nobody sees this")
        for step in range(1, 91):
            progress.update(update(step, step / 100))
            clock.now += 0.25
        progress.close()
        lines = stream.getvalue().splitlines()
        assert lines[0] == "update   1 of 200, loss 0.0100"
        assert lines[1] == "update  10 of 200, loss 0.1000, 4 updates/s"
        assert [int(line[7:10]) for line in lines] == [1, *range(10, 91, 10)]

    def test_the_last_update_is_always_shown(self):
        stream = io.StringIO()
        progress = Progress(stream, 13, 200)
        for step in range(9, 14):  # resumed at 8
            progress.update(update(step))
        assert [int(line[7:10]) for line in stream.getvalue().splitlines()] == [9, 10, 13]

    def test_bar(self, clock):
        """Drawn over and over in one line, ten times a second; the last update always."""
        stream = Terminal()
        progress = Progress(stream, 100, 100)
        progress.status("recording")
        clock.now += 1
        for step in range(1, 101):
            progress.update(update(step))
            clock.now += 0.01
        progress.close()
        text = stream.getvalue()
        assert text.endswith("\n")
        assert text.count("\n") == 1
        drawn = [line.rstrip() for line in text.split("\r")[1:]]
        assert drawn[0] == "recording"
        assert drawn[1] == "[........................] update   1 of 100, loss 2.0000"
        assert drawn[-1] == "[########################] update 100 of 100, loss 2.0000, 100 updates/s"
        assert 11 <= len(drawn) <= 13
        assert {len(line) for line in text.rstrip("\n").split("\r")[1:]} == {80}

    def test_narrow_terminal(self, monkeypatch):
        monkeypatch.setenv("COLUMNS", "20")
        stream = Terminal()
        Progress(stream, 1, 1).update(update(1))
        assert len(stream.getvalue()) == 1 + 19

    def test_nothing_to_close(self):
        stream = Terminal()
        Progress(stream, 1, 1).close()
        assert stream.getvalue() == ""


class TestInterrupt:
    def test_it_waits(self):
        with Interrupt() as interrupt:
            assert not interrupt.asked
            signal.raise_signal(signal.SIGINT)
            assert interrupt.asked
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_at_once(self):
        with Interrupt() as interrupt:
            interrupt.at_once = True
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert interrupt.asked
            signal.raise_signal(signal.SIGINT)  # cleaning up is not disturbed

    def test_another_thread_receives_no_signals(self):
        seen = []

        def work() -> None:
            with Interrupt() as interrupt:
                seen.append(interrupt.asked)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == [False]


class TestLog:
    def test_lines_are_there_at_once(self, tmp_path):
        path = tmp_path / "log"
        with Log(path, append=False) as log:
            log.write(update(1, 0.1 + 0.2))
            assert json.loads(path.read_text(encoding="utf-8"))["loss"] == 0.1 + 0.2
            log.write(update(2))
        assert [json.loads(line)["step"] for line in path.read_text(encoding="utf-8").splitlines()] == [1, 2]

    def test_begins_anew_or_goes_on(self, tmp_path):
        path = tmp_path / "log"
        for append, lines in ((False, 1), (True, 2), (False, 1)):
            with Log(path, append=append) as log:
                log.write(update(1))
            assert path.read_bytes().count(b"\n") == lines

    def test_the_check_changes_nothing(self, tmp_path):
        path = tmp_path / "log"
        check_log(path)
        assert not path.exists()
        path.write_text("old", encoding="utf-8")
        check_log(path)
        assert path.read_text(encoding="utf-8") == "old"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("", "it is a folder"),
            ("no/log", "No such file or directory; name another file"),
            ("file/log", "Not a directory"),
            ("x" * 300, "name too long"),
        ],
    )
    def test_what_cannot_be_written(self, tmp_path, name, said):
        (tmp_path / "file").touch()
        with pytest.raises(LogError, match=said):
            check_log(tmp_path / name)
        with pytest.raises(LogError, match="cannot be written"):
            Log(tmp_path / name, append=False)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    def test_full_disk(self):
        with (
            Log(Path("/dev/full"), append=False) as log,
            pytest.raises(LogError, match="/dev/full cannot be written: No space"),
        ):
            log.write(update(1))
