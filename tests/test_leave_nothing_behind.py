"""The guard of conftest.py fails tests that leave something behind, and only these."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent

SUITE = """
import threading
import pytest

ending = threading.Event()
kept = []

def test_thread():
    kept.append(threading.Thread(target=ending.wait, name="straggler"))
    kept[-1].start()

def test_finished_thread():
    ending.set()
    thread = threading.Thread(target=ending.wait)
    thread.start()

def test_timer(qapp):
    from PySide6.QtCore import QTimer
    kept.append(QTimer())
    kept[-1].start(10_000)

def test_stopped_timer(qapp):
    from PySide6.QtCore import QTimer
    kept.append(QTimer())
    kept[-1].start(10_000)
    kept[-1].stop()

def test_qthread(qapp):
    from PySide6.QtCore import QThread
    kept.append(QThread())
    kept[-1].start()

def test_stop_qthread():
    kept[-1].quit()
    kept[-1].wait()

def test_widget(qapp):
    from PySide6.QtWidgets import QLabel
    kept.append(QLabel("forgotten"))

def test_closed_widget(qtbot):
    from PySide6.QtWidgets import QLabel
    label = QLabel("remembered")
    qtbot.addWidget(label)
    label.show()
"""


def test_guard(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        (TESTS / "conftest.py").read_text(encoding="utf-8").replace("_PATIENCE = 2.0", "_PATIENCE = 0.2"),
        encoding="utf-8",
    )
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nqt_api = pyside6\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), *filter(None, sys.path)])}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    errors = [line for line in run.stdout.splitlines() if line.startswith("ERROR ")]
    left = {line.split("::")[1].split(" ")[0] for line in errors}
    assert left == {"test_thread", "test_timer", "test_qthread", "test_widget"}, run.stdout + run.stderr
    for line in ("left behind threading.Thread <Thread(straggler", "QTimer", "QThread", "QLabel", "test_suite.py:10"):
        assert line in run.stdout
