"""Displays are found, or it is said which is missing, before Qt could abort."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from microgpt_studio.window import display
from microgpt_studio.window.display import missing_display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(display, "_missing_library", lambda: None)


@contextmanager
def listening(family: int, address: str | tuple[str, int]) -> Iterator[int]:
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen()
        port: int = server.getsockname()[1] if family == socket.AF_INET else 0
        yield port


def test_nothing_is_set() -> None:
    assert missing_display() is not None
    assert "DISPLAY and WAYLAND_DISPLAY are not set" in (missing_display() or "")


def test_platform_that_was_chosen_is_not_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert missing_display() is None


def test_empty_variables_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, "")
    assert "are not set" in (missing_display() or "")


@pytest.mark.parametrize(
    "dead", [":987654", ":9876.0", "unix:9876", "nonsense", "localhost:x", "no.such.host.invalid:3"]
)
def test_dead_display_is_named(monkeypatch: pytest.MonkeyPatch, dead: str) -> None:
    monkeypatch.setenv("DISPLAY", dead)
    assert f"the display {dead} does not answer" in (missing_display() or "")


@pytest.mark.parametrize("name", [":9876", "unix:9876", ":9876.1"])
def test_display_on_this_machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DISPLAY", name)
    with listening(socket.AF_UNIX, "\0/tmp/.X11-unix/X9876"):
        assert missing_display() is None
    assert missing_display() is not None


def test_display_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as port:
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{port - 6000}.0")
        assert missing_display() is None
    assert missing_display() is not None


def test_wayland(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert "the display wayland-7 does not answer" in (missing_display() or "")
    with listening(socket.AF_UNIX, str(tmp_path / "wayland-7")):
        assert missing_display() is None


def test_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":9876")

    def fail(_path: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("ctypes.CDLL", fail)
    with listening(socket.AF_UNIX, "\0/tmp/.X11-unix/X9876"):
        assert "needs the system library libxcb-cursor.so.0" in (missing_display() or "")


def test_there_is_always_a_display_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert missing_display() is None
