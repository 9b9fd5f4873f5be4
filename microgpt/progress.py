"""Progress: how far training is, for a person who watches a terminal, or for a file that is read later.

On a terminal it is one line that is drawn over and over, ten times a second at most; elsewhere a line now and then.
It does not know what trains.
"""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from microgpt.train import Update

_REDRAW = 0.1  # seconds
_LINES = 20  # of a whole run
_BAR = 24  # characters


class Progress:
    """The display of one run: updates go to `stop_at`, out of `num_steps`."""

    def __init__(self, stream: TextIO, stop_at: int, num_steps: int) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._stop_at = stop_at
        self._num_steps = num_steps
        self._first: tuple[int, float] | None = None  # the first update and its time: compiling is over by then
        self._drawn = float("-inf")  # when the line was last drawn

    def status(self, text: str) -> None:
        """Say what goes on before the first update; nothing where no one watches."""
        if self._terminal and time.monotonic() - self._drawn >= _REDRAW:
            self._draw(text)

    def update(self, update: Update) -> None:
        """Show an update, if it is time to."""
        first_step, started = self._first = self._first or (update.step, time.monotonic())
        last = update.step == self._stop_at
        if self._terminal:
            if last or time.monotonic() - self._drawn >= _REDRAW:
                done = round(_BAR * update.step / self._num_steps)
                self._draw(f"[{'#' * done}{'.' * (_BAR - done)}] {self._text(update, first_step, started)}")
        elif last or update.step == first_step or update.step % max(1, self._num_steps // _LINES) == 0:
            print(self._text(update, first_step, started), file=self._stream, flush=True)

    def close(self) -> None:
        """The next thing that is printed begins a new line."""
        if self._terminal and self._drawn > float("-inf"):
            print(file=self._stream, flush=True)
            self._drawn = float("-inf")

    def _text(self, update: Update, first_step: int, started: float) -> str:
        text = f"update {update.step:{len(str(self._num_steps))}} of {self._num_steps}, loss {update.loss:.4f}"
        seconds = time.monotonic() - started
        if update.step == first_step or seconds <= 0:
            return text
        return f"{text}, {(update.step - first_step) / seconds:.4g} updates/s"

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1  # a full line would scroll
        print("\r" + text[:width].ljust(width), end="", file=self._stream, flush=True)
        self._drawn = time.monotonic()
