"""The window: what it costs the engine, how late its event loop is, how soon a step is painted, what it weighs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import psutil
from event_loop import close, lateness, open_window, pause, run, until, wait
from figures import Figure, at_least, at_most, noted, percentile
from PySide6.QtCore import QCoreApplication

from microgpt.program.runner import Runner
from microgpt.settings import Settings, read
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.window.main_window import MainWindow

_SECONDS = 6.0  # of training flat out
_STEPS = 150


def measure(settings: Settings, size: tuple[int, int] = (1440, 900)) -> Iterator[Figure]:
    """Training flat out with every default panel visible, then single steps. `settings` needs many updates."""
    window = open_window(size)
    described: list[Description] = []
    window.session_started.connect(described.append)
    window.begin(settings)
    until(lambda: bool(described) and window.snapshot is not None)
    hidden = [name for name, panel in window.panels.items() if not panel.isVisible()]
    if hidden:
        raise AssertionError(f"panels are not visible: {hidden}")
    alone = _alone(settings, described[0])
    late, with_window = _flat_out(window)
    yield noted("no window, updates", alone, "/s")
    yield noted("window open, every default panel visible, updates", with_window, "/s")
    yield at_least("window open against no window", 60, 100 * with_window / alone, "%")
    yield noted("event loop late while training flat out, median", percentile(late, 50), "ms")
    yield at_most("event loop late while training flat out, p99", 33, percentile(late, 99), "ms")
    steps = _steps(window)
    yield at_most("step → every visible panel painted, median", 33, percentile(steps, 50), "ms")
    yield at_most("step → every visible panel painted, p99", 100, percentile(steps, 99), "ms")
    window.submit(commands.Run(10_000))
    until(lambda: window.snapshot is not None and window.snapshot.moment.step >= 10_000)
    yield at_most(
        "resident after 10,000 updates, window open", 600, psutil.Process(os.getpid()).memory_info().rss / 2**20, "MiB"
    )
    close(window)


def _alone(settings: Settings, description: Description) -> float:
    """Updates a second of the same program in the same process, with the window idle."""
    runner = Runner(description.program, read(settings), settings.adam, settings.num_steps, settings.seed)
    for _ in range(200):
        runner.update()
    start = time.perf_counter()
    for _ in range(3000):
        runner.update()
    return 3000 / (time.perf_counter() - start)


def _flat_out(window: MainWindow) -> tuple[list[float], float]:
    """Lateness in ms of every tick while training runs, and updates a second."""
    run(window)
    assert window.snapshot is not None
    first, start = window.snapshot.moment.step, time.perf_counter()
    with lateness() as late:
        wait(_SECONDS)
    last, elapsed = window.snapshot.moment.step, time.perf_counter() - start
    pause(window)
    return late[5:], (last - first) / elapsed


def _steps(window: MainWindow) -> list[float]:
    """Milliseconds from asking for a step until everything that it changed has been painted."""
    times: list[float] = []
    for _ in range(_STEPS):
        assert window.snapshot is not None
        before, start = window.snapshot.moment.step, time.perf_counter()
        painted: list[float] = []

        def look(snapshot: Snapshot, before: int = before, painted: list[float] = painted) -> None:
            if snapshot.moment.step > before and not painted:
                QCoreApplication.sendPostedEvents()  # paints what the panels asked to have painted
                painted.append(time.perf_counter())

        window.shown.connect(look)
        window.submit(commands.Step())
        until(lambda painted=painted: bool(painted))
        window.shown.disconnect(look)
        times.append(1000 * (painted[0] - start))
    return times
