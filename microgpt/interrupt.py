"""Interrupt: Ctrl+C as a wish that is granted where all numbers belong together, so that they can be saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Self


class Interrupt:
    """While it is entered, Ctrl+C sets `asked`, and raises KeyboardInterrupt only where `at_once` allows it."""

    def __init__(self) -> None:
        self.asked = False
        self.at_once = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # no other receives signals
            self._previous = signal.signal(signal.SIGINT, self._receive)
        return self

    def __exit__(self, *_exception: object) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._previous)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self.at_once:
            self.at_once = False
            raise KeyboardInterrupt
