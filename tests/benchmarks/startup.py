"""Start-up: from starting the process to the first painted window, and to a session that can train."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, noted, percentile

_ROUNDS = 5
_ROOT = Path(__file__).resolve().parents[2]

_PROBE = """
import json, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from microgpt_studio import app as studio
marks = {}
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.isWindow():
            marks.setdefault("painted", time.time())
        return False
def started(_description):
    marks["ready"] = time.time()
from microgpt_studio.window import main_window
original = main_window.MainWindow.open
def open_watched(window, size=None):
    from PySide6.QtWidgets import QApplication
    window.watch = Watch(window)
    QApplication.instance().installEventFilter(window.watch)
    window.session_started.connect(started)
    original(window, size)
main_window.MainWindow.open = open_watched
import tempfile, pathlib
with tempfile.TemporaryDirectory() as folder:
    status = studio.main(["--screenshot", str(pathlib.Path(folder) / "window.png"), "--size", "1440x900"])
print(json.dumps(marks))
sys.exit(status)
"""


def measure() -> Iterator[Figure]:
    """With cached kernels, and once with nothing cached."""
    painted, ready = [], []
    _run({})
    for _ in range(_ROUNDS):
        first, second = _run({})
        painted.append(first)
        ready.append(second)
    yield at_most("first window painted, kernels cached, median", 2, percentile(painted, 50), "s")
    yield noted("session ready to train, kernels cached, median", percentile(ready, 50), "s")
    with tempfile.TemporaryDirectory() as folder:
        first, second = _run({"NUMBA_CACHE_DIR": folder})
    yield noted("first window painted, nothing cached", first, "s")
    yield noted("session ready to train, nothing cached (progress is shown)", second, "s")


def _run(extra: dict[str, str]) -> tuple[float, float]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **extra}
    start = time.time()
    result = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, cwd=_ROOT, capture_output=True, text=True, check=True
    )
    marks = json.loads(result.stdout.splitlines()[-1])
    return marks["painted"] - start, marks["ready"] - start
