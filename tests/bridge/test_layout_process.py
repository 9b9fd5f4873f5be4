"""The layout process answers the newest request, is killed when it takes too long, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from microgpt_studio.bridge import layout_job
from microgpt_studio.bridge.layout_process import Layout, LayoutProcess

PATIENCE = 30_000  # milliseconds; never waited for where all is well
CHAIN = "digraph { a [shape=box fixedsize=true width=2 height=1]; a -> b; b -> c; a -> c }"

# Jobs that stand in for Graphviz: "slow" sleeps for ever where the text says so, the others fail in their way.
SLOW = """
import json, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "sleep" in request["dot"]:
        time.sleep(3600)
    if "die" in request["dot"]:
        sys.exit(3)
    answer = {"width": 1, "height": 2, "nodes": {request["dot"]: [3, 4]}, "edges": []}
    print(json.dumps({"number": request["number"], **answer}), flush=True)
"""
NO_GRAPHVIZ = 'print(\'{"error": "pygraphviz cannot be loaded: no such module"}\', flush=True)'
MUTE = "import time; time.sleep(3600)"


class Listener:
    """Remembers what a layout process tells."""

    def __init__(self, qtbot: QtBot, process: LayoutProcess) -> None:
        self.qtbot, self.process = qtbot, process
        self.layouts: dict[int, Layout] = {}
        self.failures: dict[int, str] = {}
        process.laid_out.connect(self._laid_out)
        process.failed.connect(self._failed)

    def _laid_out(self, number: int, layout: Layout) -> None:
        self.layouts[number] = layout

    def _failed(self, number: int, sentence: str) -> None:
        self.failures[number] = sentence

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def layout(self, number: int) -> Layout:
        self.wait_for(lambda: number in self.layouts)
        return self.layouts[number]

    def failure(self, number: int) -> str:
        self.wait_for(lambda: number in self.failures)
        return self.failures[number]


@pytest.fixture
def hire(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Listener]]:
    """A layout process with Graphviz, or another job."""
    listeners: list[Listener] = []

    def make(job: str | None = None, time_limit: float = 60.0) -> Listener:
        if job is None:
            process = LayoutProcess(time_limit=time_limit)
        else:
            path = tmp_path / "job.py"
            path.write_text(job, encoding="utf-8")
            process = LayoutProcess(time_limit=time_limit, job=path)
        listeners.append(Listener(qtbot, process))
        return listeners[-1]

    yield make
    for listener in listeners:
        pid = listener.process.pid
        listener.process.stop()
        assert listener.process.pid is None
        assert pid is None or not psutil.pid_exists(pid)
        listener.process.deleteLater()


def test_graphviz_lays_out(hire: Callable[..., Listener]) -> None:
    graphviz = hire()
    layout = graphviz.layout(graphviz.process.request(CHAIN))
    assert set(layout.nodes) == {"a", "b", "c"}
    assert sorted((tail, head) for tail, head, _ in layout.edges) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert layout.nodes["a"][1] < layout.nodes["b"][1] < layout.nodes["c"][1]  # y grows downwards
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in layout.nodes.values())
    for tail, _, points in layout.edges:
        assert len(points) % 3 == 1
        assert not points.flags.writeable
        away = np.abs(points[0] - layout.nodes[tail])
        assert (away <= [72.0 + 1, 36.0 + 1]).all() if tail == "a" else (away < 40).all()
    assert not graphviz.process.is_busy


def test_it_stays_warm(hire: Callable[..., Listener]) -> None:
    graphviz = hire()
    graphviz.layout(graphviz.process.request(CHAIN))
    pid = graphviz.process.pid
    graphviz.layout(graphviz.process.request("digraph { a -> b }"))
    assert graphviz.process.pid == pid
    assert len(graphviz.failures) == 0


def test_a_text_that_graphviz_does_not_understand(hire: Callable[..., Listener]) -> None:
    graphviz = hire()
    assert graphviz.failure(graphviz.process.request("digraph { a ->")).startswith("Graphviz could not lay this out (")
    graphviz.layout(graphviz.process.request(CHAIN))  # and it goes on


def test_the_newest_request_wins(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    numbers = [slow.process.request(f"graph{i}") for i in range(5)]
    assert slow.process.is_busy
    layout = slow.layout(numbers[-1])
    assert layout.nodes == {"graph4": (3, 4)}
    assert set(slow.layouts) == {numbers[-1]}
    assert not slow.failures


def test_an_old_one_that_runs_on_is_killed_for_a_new_one(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.layout(slow.process.request("first"))
    pid = slow.process.pid
    old = slow.process.request("sleep")
    new = slow.process.request("second")
    assert slow.layout(new).nodes == {"second": (3, 4)}
    assert slow.process.pid != pid
    assert old not in slow.layouts
    assert not slow.failures  # nobody has waited for it


def test_what_takes_too_long_is_killed_and_said(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW, time_limit=0.2)
    number = slow.process.request("sleep")
    slow.wait_for(lambda: slow.process.pid is not None)
    pid = slow.process.pid
    assert slow.failure(number) == "Graphviz was stopped: it took longer than 0.2 seconds."
    assert slow.process.pid != pid
    assert not psutil.pid_exists(pid)
    assert not slow.process.is_busy
    assert slow.layout(slow.process.request("after")).nodes == {"after": (3, 4)}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_one_that_somebody_kills_is_said(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.layout(slow.process.request("first"))
    number = slow.process.request("sleep")
    assert slow.process.pid is not None
    os.kill(slow.process.pid, signal.SIGKILL)
    assert slow.failure(number) == "Graphviz could not lay this out: its process ended."
    assert slow.process.pid is None
    assert slow.layout(slow.process.request("after")).nodes == {"after": (3, 4)}


def test_one_that_ends_by_itself_is_said(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    assert "its process ended" in slow.failure(slow.process.request("die"))


def test_a_process_that_ends_while_nobody_waits_is_replaced(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.layout(slow.process.request("first"))
    slow.process.request("die")
    slow.process.cancel()
    slow.wait_for(lambda: slow.process.pid is None)
    assert not slow.failures
    assert slow.layout(slow.process.request("after")).nodes == {"after": (3, 4)}


def test_a_cancelled_request_is_not_answered(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    first = slow.process.request("first")
    slow.process.cancel()
    assert not slow.process.is_busy
    second = slow.process.request("second")
    slow.layout(second)
    assert first not in slow.layouts


def test_without_graphviz_it_says_why(hire: Callable[..., Listener]) -> None:
    none = hire(NO_GRAPHVIZ)
    assert "pygraphviz cannot be loaded: no such module" in none.failure(none.process.request(CHAIN))


def test_a_job_that_never_begins(hire: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt_studio.bridge.layout_process._START_LIMIT", 0.2)
    mute = hire(MUTE)
    assert "was not loaded within 0.2 seconds" in mute.failure(mute.process.request(CHAIN))


def test_a_program_that_cannot_be_started(hire: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(Path("nowhere") / "python"))
    none = hire()
    assert "cannot be started" in none.failure(none.process.request(CHAIN))


def test_stopping_ends_the_process_at_once(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.layout(slow.process.request("first"))
    number = slow.process.request("sleep")
    pid = slow.process.pid
    slow.process.stop()
    slow.process.stop()
    assert not psutil.pid_exists(pid)
    assert not slow.process.is_busy
    assert number not in slow.failures


def test_stopping_while_it_starts(hire: Callable[..., Listener]) -> None:
    graphviz = hire()
    number = graphviz.process.request(CHAIN)
    pid = graphviz.process.pid
    graphviz.process.stop()
    assert pid == 0 or not psutil.pid_exists(pid or 0)
    assert not graphviz.process.is_busy
    assert graphviz.layout(graphviz.process.request(CHAIN)).nodes
    assert number not in graphviz.layouts


def test_the_end_of_the_application_stops_it(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.layout(slow.process.request("first"))
    pid = slow.process.pid
    application = QCoreApplication.instance()
    assert application is not None
    application.aboutToQuit.emit()
    assert not psutil.pid_exists(pid)


def test_whoever_is_told_may_stop_it(hire: Callable[..., Listener]) -> None:
    slow = hire(SLOW)
    slow.process.laid_out.connect(slow.process.stop)
    slow.layout(slow.process.request("first"))
    slow.wait_for(lambda: slow.process.pid is None)


def test_the_job_answers_line_by_line() -> None:
    requests = [json.dumps({"number": 1, "dot": CHAIN}), json.dumps({"number": 2, "dot": "nonsense"})]
    answers = io.StringIO()
    layout_job.serve(requests, answers)
    good, bad = map(json.loads, answers.getvalue().splitlines())
    assert good["number"] == 1
    assert len(good["edges"]) == 3
    assert bad["number"] == 2
    assert "error" in bad


def test_plain_text_is_read_from_the_upper_left_corner() -> None:
    plain = (
        "graph 1 2 3",
        "node a 0.5 2.5 1 1 label solid box black lightgrey",
        "edge a b 4 0 3 0 2 1 1 2 0 solid black",
    )
    assert layout_job.read_plain("\n".join((*plain, "stop", ""))) == {
        "width": 144.0,
        "height": 216.0,
        "nodes": {"a": [36.0, 36.0]},
        "edges": [("a", "b", [0.0, 0.0, 0.0, 72.0, 72.0, 144.0, 144.0, 216.0])],
    }


def test_the_job_imports_no_qt() -> None:
    source = Path(layout_job.__file__).read_text(encoding="utf-8")
    imported = [line for line in source.splitlines() if line.lstrip().startswith(("import ", "from "))]
    assert not [line for line in imported if "PySide" in line or "microgpt" in line]
