"""The Optimizer: a parameter's past and the movers over 1000 updates, and what each page takes of a frame."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.adam_history import AdamHistory
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.movers import Movers
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.update_spans import ALL, last
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.theme.application import apply_theme

_UPDATES = 1000
_SIZE = (356, 334)  # of the dock in a window of 1440×900
_FRAMES = 40
_PAST, _FRAME = 1.0, 16.0  # s, ms


def measure(settings: Settings) -> Iterator[Figure]:
    """The default size."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    session = session_of(settings)
    parameter = session.description.addresses.parse("layer0.attn_wq[0,1]")
    ratio = time.perf_counter()
    session.run(_UPDATES)
    ratio = time.perf_counter() - ratio
    yield noted(f"{_UPDATES} updates of the session itself", ratio, "s")
    for what, inquiry in (("Adam's past of a parameter", AdamHistory(parameter, ALL)), ("the movers", Movers(ALL))):
        yield at_most(f"{what} over {_UPDATES} updates, all numbers", _PAST, replay(session, inquiry), "s")
    panel = OptimizerPanel()
    panel.resize(*_SIZE)
    panel.show()
    panel.show_session(session.description)
    panel.show_selection(parameter)
    for chooser in (panel.history.chooser, panel.descent.chooser, panel.movers.chooser):
        chooser.span = ALL
    for tab in Tab:
        panel.turn_to(tab)
        show(panel, session)
        session.trace_on(_never)
        yield at_most(f"{tab.name.lower()}: answer, text and frame, p95", _FRAME, frame(panel, session), "ms")
    panel.deleteLater()


def session_of(settings: Settings) -> Session:
    """A session of the usual documents that has not begun."""
    settings = replace(settings, num_steps=100_000)
    documents = read(settings)
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "names")
    warm = replay_small(session)
    assert warm >= 0.0
    session.restart()
    return session


def replay_small(session: Session) -> float:
    """Compile what is needed."""
    session.run(2)
    return replay(session, AdamHistory(0, last(2))) + replay(session, Movers(last(2)))


def replay(session: Session, inquiry: Inquiry[object]) -> float:
    """Seconds until an answer is complete."""
    start = time.perf_counter()
    session.snapshot(1, Wanted(inquiries=frozenset([inquiry])))
    session.trace_on(_never)
    session.snapshot(1, Wanted(inquiries=frozenset([inquiry])))
    return time.perf_counter() - start


def show(panel: OptimizerPanel, session: Session) -> None:
    """A moment, as the window shows it."""
    snapshot = session.snapshot(1, Wanted(parameters=True, inquiries=frozenset(panel.inquiries())))
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)


def frame(panel: OptimizerPanel, session: Session) -> float:
    """Milliseconds of a new moment and its picture."""
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    times = []
    for _ in range(_FRAMES):
        session.update()
        session.trace_on(_never)
        start = time.perf_counter()
        show(panel, session)
        panel.render(image)
        times.append(1000 * (time.perf_counter() - start))
    return percentile(times, 95)


def _never() -> bool:
    return False
