"""The large configuration, about 3.6 million scalars: recording it in the window, cancelling that, and what it weighs.

All of it happens in a fresh process, for the sake of its peak memory, and the program is recorded to its end once:
what wants to measure something on it is a row of PARTS.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

import graph
from figures import Figure, at_most, noted, percentile
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from microgpt.settings import Settings, read
from microgpt_studio.app import SWITCH_INTERVAL
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.events import Event, Phase, PreparationCancelled, Preparing
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.main_window import MainWindow

_SIZES = {"n_layer": 4, "n_embd": 32, "n_head": 4, "block_size": 32}
_CANCELS = (0.0, 0.15, 0.3, 0.5, 0.8, 1.1, 1.5, 2.0)  # seconds after the first report of progress
_TICK = 10  # milliseconds between two looks at the event loop's lateness
_UPDATES = 30
_PATIENCE = 300.0


def measure(settings: Settings) -> Iterator[Figure]:
    """Every figure of the large configuration, on the documents of `settings` in groups that fill the block."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "long.txt"
        data.write_text("\n".join(_long_documents(read(settings))), encoding="utf-8")
        result = subprocess.run(
            [sys.executable, __file__, str(data)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    for row in json.loads(result.stdout.splitlines()[-1]):
        yield Figure(**row)


def _long_documents(documents: list[str]) -> list[str]:
    """One after the other until the block is filled."""
    long, letters = [], "".join(documents)
    for start in range(0, len(letters) - _SIZES["block_size"], _SIZES["block_size"] - 1):
        long.append(letters[start : start + _SIZES["block_size"] - 1])
    return long


def _figures(settings: Settings) -> Iterator[Figure]:
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    sys.setswitchinterval(SWITCH_INTERVAL)
    window = MainWindow()
    window.open((1440, 900))
    recorder = _Recorder(window)
    window.begin(replace(settings, n_layer=1, n_embd=16, block_size=16), run_to=1)  # a session that would go on
    _until(lambda: window.snapshot is not None and window.snapshot.moment.step == 1)
    latencies = [recorder.cancel(settings, seconds) for seconds in _CANCELS]
    yield at_most("large: cancelling a recording, until the session goes on, slowest of 8", 250, max(latencies), "ms")
    recorder.record(settings)
    yield noted("large: recording 3.6 million scalars, window open", recorder.seconds, "s")
    yield noted("large: event loop late while recording, median", percentile(recorder.late, 50), "ms")
    yield at_most("large: event loop late while recording, p99", 33, percentile(recorder.late, 99), "ms")
    yield noted("large: longest pause between two reports of progress", recorder.longest_pause, "ms")
    yield noted("large: recorded until every visible panel is painted", recorder.seconds_until_shown, "s")
    yield noted("large: event loop late meanwhile, worst", max(recorder.late_until_shown), "ms")
    session = window.worker._session
    assert session is not None
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents()
    for part in PARTS:
        yield from part(session)
    yield at_most("large: peak memory of all this", 6, _peak(), "GB")


def _training(session: Session) -> Iterator[Figure]:
    """Updates of documents that fill the block, and a snapshot."""
    session.restart()
    session.run(2)
    times = []
    for _ in range(_UPDATES):
        start = time.perf_counter()
        session.run(1)
        times.append(1000 * (time.perf_counter() - start))
    yield noted("large: an update, median", percentile(times, 50), "ms")
    selection = session.description.addresses.parse("pos9.layer0.attn.q[5]")
    wanted = Wanted(cells=True, parameters=True, selection=selection)
    times = []
    for number in range(1, 21):
        session.update()
        start = time.perf_counter()
        snapshot = session.snapshot(number, wanted)
        times.append(1000 * (time.perf_counter() - start))
    scalars = snapshot.moment.num_scalars
    yield noted(
        f"large: a snapshot of {scalars:,} scalars: cells, parameters, a selection", percentile(times, 50), "ms"
    )


PARTS: tuple[Callable[[Session], Iterator[Figure]], ...] = (_training, graph.measure_map)


class _Recorder:
    """Asks a window for sessions, and watches how it fares meanwhile."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._events: list[tuple[float, Event]] = []
        self.late: list[float] = []  # ms, while recording
        self.late_until_shown: list[float] = []  # ms, after that
        self.seconds = self.seconds_until_shown = self.longest_pause = 0.0
        window._poller.event_came.connect(self._take)

    def cancel(self, settings: Settings, seconds: float) -> float:
        """Milliseconds from cancelling a preparation, so long after it began, until the old session goes on."""
        self._events.clear()
        self._window.submit(commands.Start(settings))
        _until(lambda: any(isinstance(event, Preparing) for _, event in self._events))
        start = time.perf_counter()
        _until(lambda: time.perf_counter() - start > seconds)
        start = time.perf_counter()
        self._window.submit(commands.CancelPreparation())
        _until(lambda: any(isinstance(event, PreparationCancelled) for _, event in self._events))
        return 1000 * (time.perf_counter() - start)

    def record(self, settings: Settings) -> None:
        """A whole preparation."""
        self._events.clear()
        described: list[object] = []
        self._window.session_started.connect(described.append)
        due = time.perf_counter() + _TICK / 1000

        def tick() -> None:
            nonlocal due
            now = time.perf_counter()
            self.late_until_shown.append(max(0.0, 1000 * (now - due)))
            due = now + _TICK / 1000

        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        timer.start(_TICK)
        start = time.perf_counter()
        self._window.submit(commands.Start(settings))
        _until(lambda: any(isinstance(e, Preparing) and e.phase is Phase.COMPILING for _, e in self._events))
        self.late, self.late_until_shown = self.late_until_shown, []
        self.seconds = time.perf_counter() - start
        reports = [moment for moment, _ in self._events]
        self.longest_pause = 1000 * max(later - earlier for earlier, later in pairwise(reports))
        _until(lambda: bool(described) and self._window.snapshot is not None)
        QCoreApplication.sendPostedEvents()
        tick()
        timer.stop()
        self.seconds_until_shown = time.perf_counter() - start - self.seconds

    def _take(self, event: Event) -> None:
        self._events.append((time.perf_counter(), event))


def _peak() -> float:
    """GB of this process, at most so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e9 if sys.platform == "darwin" else peak * 1024 / 1e9


def _until(ready: Callable[[], bool]) -> None:
    """Run the event loop until something is so."""
    deadline = time.perf_counter() + _PATIENCE
    while not ready():
        if time.perf_counter() > deadline:
            raise TimeoutError("the window did not get there")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)  # the poller ticks


if __name__ == "__main__":
    rows = [asdict(figure) for figure in _figures(Settings(data=Path(sys.argv[1]), num_steps=1000, **_SIZES))]
    print(json.dumps(rows))
