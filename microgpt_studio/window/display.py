"""Displays: whether Qt can open a window here. Asked before Qt is, for Qt aborts the process where it cannot."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import sys
from pathlib import Path

_HOW = "open a desktop session, or use --screenshot FILE.png, which needs no display"


def missing_display() -> str | None:
    """Why no window can be opened, in one sentence; None where one can, as far as can be told."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    wayland = os.environ.get("WAYLAND_DISPLAY", "")
    if wayland and _connects(socket.AF_UNIX, str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / wayland)):
        return None
    display = os.environ.get("DISPLAY", "")
    if wayland and not display:
        return f"the display {wayland} does not answer; {_HOW}"
    if not display:
        return f"there is no display (DISPLAY and WAYLAND_DISPLAY are not set); {_HOW}"
    if not _answers(display):
        return f"the display {display} does not answer; {_HOW}"
    return _missing_library()


def _answers(display: str) -> bool:
    """Whether an X server listens: ":0" and "unix:0" on this machine, "host:0" on another."""
    host, _, number = display.rpartition(":")
    screen = number.split(".")[0]
    if not screen.isdigit():
        return False
    if host not in {"", "unix"}:
        return _connects(socket.AF_INET, (host, 6000 + int(screen)))
    path = f"/tmp/.X11-unix/X{screen}"
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, "\0" + path)


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def _missing_library() -> str | None:
    """The system library that Qt's X11 plugin lacks, if it lacks one."""
    package = importlib.util.find_spec("PySide6")
    if package is None or package.origin is None:
        return None
    plugin = Path(package.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        library = str(error).split(":", maxsplit=1)[0]
        return (
            f"Qt needs the system library {library}, which is not installed; install it "
            "(Debian, Ubuntu: apt install libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libegl1)"
        )
    return None
