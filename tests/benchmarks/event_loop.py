"""The event loop of a window that is measured: run until something is so, and how late it is meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from microgpt_studio.app import SWITCH_INTERVAL, set_aside_what_stays
from microgpt_studio.bridge import commands
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.main_window import MainWindow

_TICK = 10  # milliseconds between two looks at the lateness
_PATIENCE = 60.0  # seconds


def open_window(size: tuple[int, int] = (1440, 900)) -> MainWindow:
    """A window as the application opens it, dark, without a session yet."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    sys.setswitchinterval(SWITCH_INTERVAL)
    window = MainWindow()
    window.open(size)
    window.session_started.connect(set_aside_what_stays)
    return window


def until(ready: Callable[[], bool], patience: float = _PATIENCE) -> None:
    """Run the event loop until something is so; TimeoutError after so many seconds."""
    deadline = time.perf_counter() + patience
    while not ready():
        if time.perf_counter() > deadline:
            raise TimeoutError("the window did not get there")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)  # the poller ticks


def wait(seconds: float) -> None:
    """Run the event loop for so long."""
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() >= end, seconds + _PATIENCE)


@contextmanager
def lateness(meanwhile: Callable[[], None] = lambda: None) -> Iterator[list[float]]:
    """Milliseconds by which each tick of a timer comes late, as long as this is entered.

    A tick is due so many milliseconds after the last; `meanwhile` is called at each, and its own time does not count.
    """
    late: list[float] = []
    due = time.perf_counter() + _TICK / 1000

    def tick() -> None:
        nonlocal due
        late.append(max(0.0, 1000 * (time.perf_counter() - due)))
        meanwhile()
        due = time.perf_counter() + _TICK / 1000

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(_TICK)
    try:
        yield late
    finally:
        timer.stop()


def run(window: MainWindow) -> None:
    """Train flat out, from when this returns."""
    window.submit(commands.Run())
    until(lambda: window.snapshot is not None and window.snapshot.pace.running)


def pause(window: MainWindow) -> None:
    """Stand, from when this returns; AssertionError if training had ended by itself, before enough was measured."""
    if window.snapshot is None or not window.snapshot.pace.running:
        raise AssertionError("training ended while it was being measured: more steps are needed")
    window.submit(commands.Pause())
    until(lambda: window.snapshot is not None and not window.snapshot.pace.running)


def close(window: MainWindow) -> None:
    """Close a window and all that belongs to it."""
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents()
