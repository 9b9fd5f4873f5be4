"""What all tests share: Qt without a display, the bundled fonts, and a guard against what a test leaves behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported

# Repeatable by default; HYPOTHESIS_PROFILE=explore looks at other examples every time, and at more of them.
_COMMON: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("repeatable", derandomize=True, max_examples=25, **_COMMON)
settings.register_profile("explore", max_examples=400, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

_PATIENCE = 2.0  # seconds that a thread has to end
_started: WeakKeyDictionary[object, str] = WeakKeyDictionary()  # where a thread or a timer was started


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """The application, with the bundled fonts: without a display others differ from machine to machine."""
    from microgpt_studio.theme.fonts import load_fonts

    load_fonts()
    return qapp


@pytest.fixture(autouse=True)
def leave_nothing_behind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a top-level widget, and say which and where it began."""
    _remember_starts(threading.Thread, monkeypatch)
    uses_qt = "qapp" in request.fixturenames
    if uses_qt:
        from PySide6.QtCore import QThread, QTimer

        _remember_starts(QTimer, monkeypatch)
        _remember_starts(QThread, monkeypatch)
    threads, objects = set(threading.enumerate()), _qt_objects() if uses_qt else []
    yield
    left = _leftovers(lambda: [thread for thread in _python_threads() if thread not in threads])
    if uses_qt:
        before = set(map(id, objects))
        left += _leftovers(lambda: [thing for thing in _qt_objects() if id(thing) not in before])
    if left:
        pytest.fail("the test left behind " + "; ".join(map(_describe, left)))


def _leftovers(find: Callable[[], list[Any]]) -> list[Any]:
    """What is still there after it had time to go."""
    end = time.monotonic() + _PATIENCE
    while (left := find()) and time.monotonic() < end:
        del left
        gc.collect()
        if "PySide6.QtCore" in sys.modules:
            from PySide6.QtCore import QCoreApplication, QEvent

            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QCoreApplication.processEvents()
        time.sleep(0.005)
    return left


def _python_threads() -> list[threading.Thread]:
    """Threads of Python's own. For another, a QThread that has logged something, Python keeps a dummy for ever."""
    return [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]


def _qt_objects() -> list[Any]:
    """Threads that run, timers that tick, and top-level widgets, as far as Python knows them."""
    import shiboken6
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    main = QApplication.instance().thread()
    return [
        thing
        for thing in shiboken6.getAllValidWrappers()
        if (isinstance(thing, QTimer) and thing.isActive())
        or (isinstance(thing, QThread) and thing.isRunning() and thing is not main)
        or (isinstance(thing, QWidget) and thing.isWindow() and not _is_qts_own(thing))
    ]


def _is_qts_own(widget: Any) -> bool:
    """Qt makes a few hidden windows for itself, which stay until the application ends."""
    return widget.metaObject().className() in {"QTipLabel", "QDesktopScreenWidget"}


def _remember_starts(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    start = kind.start

    def remembering_start(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = traceback.extract_stack(limit=2)[0]
        _started[self] = f"{caller.filename}:{caller.lineno}"
        return start(self, *args, **kwargs)

    monkeypatch.setattr(kind, "start", remembering_start)


def _describe(thing: Any) -> str:
    where = f", started at {_started[thing]}" if thing in _started else ""
    cls = type(thing)
    return f"{cls.__module__}.{cls.__qualname__} {thing!r}{where}"
