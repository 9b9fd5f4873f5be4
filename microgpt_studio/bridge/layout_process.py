"""The layout process: has Graphviz lay graphs out in a process of its own, which can be killed.

All in the window's thread, without waiting. Requests are numbered, and the newest wins: an older one that still runs
gets a short grace, and its answer is dropped. One that takes too long is killed with its process; the next request
starts another.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer, Signal

from microgpt.program.program import Floats

TIME_LIMIT = 2.0  # seconds for one layout
_GRACE = 0.3  # seconds that an older request may still take when a newer one waits
_START_LIMIT = 30.0  # seconds until Graphviz is loaded, on a machine that is busy
_JOB = Path(__file__).with_name("layout_job.py")


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where Graphviz puts the nodes and edges of a graph. Lengths in points, y downwards. Read-only."""

    width: float
    height: float
    nodes: dict[str, tuple[float, float]]  # the middle of each node, by name
    edges: tuple[tuple[str, str, Floats], ...]  # tail, head, (3 k + 1, 2): k cubic Bézier curves from tail to head


@dataclass(frozen=True, slots=True)
class _Request:
    number: int
    dot: str


class LayoutProcess(QObject):
    """Lays out one graph at a time. `stop` before it is dropped; the end of the application stops it as well."""

    laid_out = Signal(int, object)  # number of the request, Layout
    failed = Signal(int, str)  # number of the request, one sentence

    def __init__(self, parent: QObject | None = None, time_limit: float = TIME_LIMIT, job: Path = _JOB) -> None:
        """`time_limit` is in seconds; `job` is the program that runs."""
        super().__init__(parent)
        self._time_limit = time_limit
        self._job = job
        self._number = 0
        self._running: _Request | None = None  # sent, not answered
        self._waiting: _Request | None = None  # the newest, not sent
        self._ready = False
        self._received = b""
        self._process: QProcess | None = None
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._time_is_up)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether the newest request is not answered yet."""
        return self._waiting is not None or (self._running is not None and self._running.number == self._number)

    @property
    def pid(self) -> int | None:
        """Of the process, while it runs."""
        return self._process.processId() if self._process is not None else None

    def warm_up(self) -> None:
        """Start the process, so that the first request need not wait for it."""
        if self._process is None:
            self._start()

    def request(self, dot: str) -> int:
        """Have a graph laid out; its names hold no blanks. All earlier requests are void. Returns the number."""
        self._number += 1
        self._waiting = _Request(self._number, dot)
        self.warm_up()
        if self._running is not None:
            self._clock.start(min(self._clock.remainingTime(), round(1000 * _GRACE)))
        self._send()
        return self._number

    def cancel(self) -> None:
        """Nobody waits for an answer any more."""
        self._number += 1
        self._waiting = None

    def stop(self) -> None:
        """End the process for good; it has ended when this returns. A later request starts another."""
        self.cancel()
        self._end()

    def _start(self) -> None:
        process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(["-P", "-X", "utf8", str(self._job)])
        process.setStandardErrorFile(QProcess.nullDevice())  # Graphviz remarks on fonts
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._cannot_start)
        self._process, self._ready, self._received = process, False, b""
        self._clock.start(round(1000 * _START_LIMIT))
        process.start()

    def _end(self) -> None:
        process, self._process = self._process, None
        self._clock.stop()
        self._running, self._ready = None, False
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.finished.disconnect(self._ended)
            process.errorOccurred.disconnect(self._cannot_start)
            process.kill()
            process.waitForFinished(-1)  # a killed process ends at once
            process.deleteLater()

    def _send(self) -> None:
        if self._ready and self._running is None and self._waiting is not None and self._process is not None:
            self._running, self._waiting = self._waiting, None
            line = json.dumps({"number": self._running.number, "dot": self._running.dot}) + "\n"
            self._process.write(line.encode())
            self._clock.start(round(1000 * self._time_limit))

    def _read(self) -> None:
        process = self._process
        if process is None:
            return
        self._received += process.readAllStandardOutput().data()
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            self._take(line)
            if self._process is not process:  # whoever was told has stopped it
                return

    def _take(self, line: bytes) -> None:
        answer = json.loads(line)
        self._clock.stop()
        if "number" not in answer:
            self._ready = answer.get("ready", False)
            if not self._ready:
                self._fail(answer["error"])
                return
        else:
            self._running = None
        self._send()
        if answer.get("number") != self._number:
            return  # nobody waits for it
        if "error" in answer:
            self.failed.emit(self._number, f"Graphviz could not lay this out ({answer['error']}).")
        else:
            self.laid_out.emit(self._number, _layout(answer))

    def _time_is_up(self) -> None:
        was_loaded, running = self._ready, self._running
        if not was_loaded:
            self._fail(f"Graphviz was not loaded within {_START_LIMIT:g} seconds")
            return
        self._end()
        self._start()  # another one, for what waits, or will come
        if running is not None and running.number == self._number:
            self.failed.emit(self._number, f"Graphviz was stopped: it took longer than {self._time_limit:g} seconds.")

    def _ended(self) -> None:
        self._fail("its process ended")

    def _cannot_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._fail(f"{sys.executable} cannot be started")

    def _fail(self, reason: str) -> None:
        """The process is of no use any more."""
        lost = self.is_busy
        self._waiting = None
        self._end()
        if lost:
            self.failed.emit(self._number, f"Graphviz could not lay this out: {reason}.")


def _layout(answer: dict[str, object]) -> Layout:
    edges = []
    for tail, head, numbers in answer["edges"]:  # type: ignore[attr-defined]
        points = np.array(numbers).reshape(-1, 2)
        points.flags.writeable = False
        edges.append((tail, head, points))
    nodes = {name: (x, y) for name, (x, y) in answer["nodes"].items()}  # type: ignore[attr-defined]
    return Layout(float(answer["width"]), float(answer["height"]), nodes, tuple(edges))  # type: ignore[arg-type]
