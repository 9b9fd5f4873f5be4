"""Samples token by token: drawing, tracing, a step painted; and what opening and stepping cost while training runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from event_loop import close, lateness, open_window, pause, run, until, wait
from figures import Figure, at_most, noted, percentile
from PySide6.QtGui import QImage

from microgpt.settings import Settings, read
from microgpt_studio.debugger.sampling import Origin, Sampler
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.window.main_window import MainWindow

_SIZE = (1300, 760)
_BETWEEN = 0.1  # seconds between two things that are asked for
_OPENED = 40  # samples, and as many steps


def measure(settings: Settings) -> Iterator[Figure]:
    """`settings` needs many updates."""
    window = open_window()
    described: list[Description] = []
    window.session_started.connect(described.append)
    window.begin(settings, 200)
    panel = window.panels["samples"]
    assert isinstance(panel, SamplesPanel)
    until(lambda: window.snapshot is not None and window.snapshot.moment.step == 200)
    yield from _drawing(described[0], settings)
    window.docks["samples"].setFloating(True)
    window.docks["samples"].resize(*_SIZE)
    until(lambda: panel.list_page.samples is not None and not panel.is_waiting)
    yield from _steps(panel)
    yield noted("event loop late while training flat out, nothing opened, p99", _flat_out(window, panel, 0)[0], "ms")
    late, answers = _flat_out(window, panel, _OPENED)
    yield at_most("event loop late while training flat out, samples opened and stepped through, p99", 33, late, "ms")
    yield noted("sample opened while training flat out → shown, median", percentile(answers, 50), "ms")
    yield noted("sample opened while training flat out → shown, longest", max(answers), "ms")
    close(window)


def _drawing(description: Description, settings: Settings) -> Iterator[Figure]:
    """Without a window: whole samples, and traces of them."""
    session = Session(settings, read(settings), description.program, description.data_name)
    origin = Origin.of(session.execution)
    made = Sampler(description.program, description.tokenizer, origin, 0.5, 42)
    draws = [_milliseconds(made.draw) for _ in range(200)]
    traces = [_milliseconds(made.trace) for _ in range(200)]
    yield noted("a sample drawn, median", percentile(draws, 50), "ms")
    yield noted("a sample traced, median", percentile(traces, 50), "ms")


def _steps(panel: SamplesPanel) -> Iterator[Figure]:
    """Forwards and backwards through one sample, each step painted."""
    panel.open_sample(0)
    until(lambda: not panel.is_waiting and panel.step_page.trace is not None)
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    page, times = panel.step_page, []
    for _ in range(10):
        for move in (page.first, *[page.next] * 6, *[page.back] * 6):
            start = time.perf_counter()
            move()
            panel.render(image)
            times.append(1000 * (time.perf_counter() - start))
    yield at_most(f"a step painted at {_SIZE[0]}×{_SIZE[1]}, p95", 33, percentile(times, 95), "ms")


def _flat_out(window: MainWindow, panel: SamplesPanel, opened: int) -> tuple[float, list[float]]:
    """p99 of the event loop's lateness in ms, and how many ms each sample took of those that were opened."""
    answers: list[float] = []
    run(window)
    with lateness() as late:
        if not opened:
            wait(2 * _OPENED * _BETWEEN)
        for number in range(opened):
            start = time.perf_counter()
            panel.open_sample(number % 20)
            until(lambda: not panel.is_waiting)
            answers.append(1000 * (time.perf_counter() - start))
            wait(_BETWEEN)
            panel.step_page.next()
            wait(_BETWEEN)
    pause(window)
    return percentile(late[5:], 99), answers


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)
