"""The walk from a breakpoint to its cause: how soon each move of it has been painted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from event_loop import close, until
from figures import Figure, at_most
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.events import Answered, Event
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question, Was
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.targets import Definition
from microgpt_studio.debugger.targets import Event as BreakEvent
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.main_window import MainWindow

_WEIGHT = "layer0.attn_wq[0,1]"
_TIMES = 5  # of which the median counts
_UPDATES = 1000


def measure(settings: Settings, size: tuple[int, int] = (1440, 900)) -> Iterator[Figure]:
    """Each move after a run has been stopped in the middle of a backward pass; all in milliseconds."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    window = MainWindow(None, _WEIGHT)
    window.open(size)
    described: list[Description] = []
    window.session_started.connect(described.append)
    window.begin(settings)
    until(lambda: bool(described) and window.snapshot is not None)
    weight = described[0].addresses.parse(_WEIGHT)
    window.submit(commands.Run(_UPDATES))
    until(lambda: _step(window) == _UPDATES)
    window.submit(commands.AddBreakpoint(Definition(BreakEvent.GRADIENT, _WEIGHT)))
    window.submit(commands.RunBack())
    until(lambda: window.snapshot is not None and window.snapshot.moment.stop is not None)
    snapshot = window.snapshot
    assert snapshot is not None
    assert snapshot.explanation is not None
    place = snapshot.moment.stop.place if snapshot.moment.stop is not None else None
    assert place is not None
    largest = max(snapshot.explanation.consumers, key=lambda each: abs(each.contribution)).scalar
    moves: dict[str, list[float]] = {}
    for _ in range(_TIMES):
        for name, move, done in _moves(window, weight, largest, place.done):
            moves.setdefault(name, []).append(_timed(window, move, done))
        window.submit(commands.GoToPlace(place))
        window.select(weight)
        until(lambda: window.snapshot is not None and window.snapshot.moment.cursor.done == place.done)
    for name, times in moves.items():
        yield at_most(f"walk: {name}", 100, sorted(times)[len(times) // 2], "ms")
    yield _asked(window, weight)
    close(window)


Done = Callable[[Snapshot], bool]


def _moves(
    window: MainWindow, weight: int, largest: int, stopped: int
) -> Iterator[tuple[str, Callable[[], None], Done]]:
    yield "why: the largest contribution", lambda: window.select(largest), lambda s: _explained(s) == largest
    back = commands.Take(Move.BACK_INTO, Grain.OPERATION)
    yield "one operation back", lambda: window.submit(back), lambda s: s.moment.cursor.done == stopped - 1
    to_it = commands.RunBack(largest)
    yield "back to the contribution", lambda: window.submit(to_it), lambda s: s.moment.cursor.done < stopped - 1
    here = window.snapshot.moment.cursor.done if window.snapshot is not None else 0
    into = commands.Take(Move.INTO, Grain.OPERATION)
    yield "one operation forward", lambda: window.submit(into), lambda s: s.moment.cursor.done == here + 1
    yield "the weight again", lambda: window.select(weight), lambda s: _explained(s) == weight


def _asked(window: MainWindow, weight: int) -> Figure:
    """The search goes as far back as it has to: here through all updates, since no magnitude is that large."""
    answers: list[float] = []

    def look(event: Event) -> None:
        if isinstance(event, Answered):
            answers.append(time.perf_counter())

    window._poller.event_came.connect(look)
    window.submit(commands.GoTo(_UPDATES))
    until(lambda: _step(window) == _UPDATES)
    start = time.perf_counter()
    window.submit(commands.Ask(Question(Was.LARGER, Quantity.DATA, weight, 1e9)))
    until(lambda: bool(answers))
    elapsed = 1000 * (answers[0] - start)
    window._poller.event_came.disconnect(look)
    return at_most(f"walk: a question to all {_UPDATES} updates", 1000, elapsed, "ms")


def _timed(window: MainWindow, move: Callable[[], None], done: Done) -> float:
    """Milliseconds from a move until all that it changed has been painted."""
    painted: list[float] = []

    def look(snapshot: Snapshot) -> None:
        if done(snapshot) and not painted:
            QCoreApplication.sendPostedEvents()  # paints what the panels asked to have painted
            painted.append(time.perf_counter())

    window.shown.connect(look)
    start = time.perf_counter()
    move()
    until(lambda: bool(painted))
    window.shown.disconnect(look)
    return 1000 * (painted[0] - start)


def _explained(snapshot: Snapshot) -> int | None:
    return None if snapshot.explanation is None else snapshot.explanation.scalar


def _step(window: MainWindow) -> int | None:
    return None if window.snapshot is None else window.snapshot.moment.step
