"""Opening a panel while training flat out: how late the event loop is meanwhile, for every panel and its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from event_loop import close, lateness, open_window, pause, run, until, wait
from figures import Figure, at_most, noted, percentile
from PySide6.QtWidgets import QDockWidget

from microgpt.settings import Settings
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.toolbar import View
from microgpt_studio.window.main_window import MainWindow

_TIMES = 4  # that each is opened
_SECONDS = 0.8  # that it stays open

Open = Callable[[], None]


def measure(settings: Settings, size: tuple[int, int] = (1440, 900)) -> Iterator[Figure]:
    """Ticks from each opening until the next; `settings` needs many updates."""
    window = open_window(size)
    window.begin(settings)
    until(lambda: window.snapshot is not None)
    run(window)
    with lateness() as usual:
        wait(2.0)
    yield noted("opening: nothing is opened, event loop late, p99", percentile(usual[5:], 99), "ms")
    late: dict[str, list[float]] = {}
    for _ in range(_TIMES):
        for name, open_it in _openings(window):
            with lateness() as ticks:
                open_it()
                wait(_SECONDS)
            late.setdefault(name, []).extend(ticks)
    pause(window)
    for name, ticks in late.items():
        yield at_most(f"opening: {name}, event loop late, p99", 33, percentile(ticks, 99), "ms")
    everything = [tick for ticks in late.values() for tick in ticks]
    yield noted("opening: the latest tick of all", max(everything), "ms")
    close(window)


def _openings(window: MainWindow) -> Iterator[tuple[str, Open]]:
    """Every panel comes to the front, out of view before if it had been there; then its pages, one after the other."""
    for name, panel in window.panels.items():
        if not window.tabifiedDockWidgets(window.docks[name]):
            window.docks[name].hide()
            wait(0.1)
        yield panel.title, partial(_show, window.docks[name])
        for page, turn in _pages(panel):
            yield f"{panel.title}, {page}", turn


def _show(dock: QDockWidget) -> None:
    dock.show()
    dock.raise_()


def _pages(panel: Panel) -> Iterator[tuple[str, Open]]:
    """The pages that are not in front at first, and at last that one."""
    match panel:
        case OptimizerPanel():
            for tab in (*tuple(Tab)[1:], Tab.LEDGER):
                yield tab.name.lower(), partial(panel.turn_to, tab)
        case ParametersPanel():
            for index in (1, 2, 0):
                turn = partial(panel.toolbar.page_choice.setCurrentIndex, index)
                yield panel.pages[index].title.lower(), turn
        case StreamPanel():
            views = tuple(View)
            for view in (*views[1:], views[0]):
                yield view.value, panel.toolbar._views.button(views.index(view)).click
        case SamplesPanel():
            yield "token by token", partial(panel.open_sample, 0)
            yield "the list", panel.list_button.click
