"""The walk: which scalars were looked at, one after the other, with a way back and forward."""

from __future__ import annotations

_LONGEST = 200


class Walk:
    """Like a browser's history: a new place forgets what was forward of the last one."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._at = -1
        self._step = 0  # back (-1) or forward (1), while its scalar is not selected yet

    @property
    def previous(self) -> int | None:
        """Where back leads."""
        return self._place(-1)

    @property
    def next(self) -> int | None:
        """Where forward leads."""
        return self._place(1)

    def visit(self, scalar: int) -> None:
        """A scalar is selected, by whomever: a step back or forward is done, or a new place is reached."""
        step, self._step = self._step, 0
        if self._at >= 0 and scalar == self._places[self._at]:
            return
        if step and scalar == self._place(step):
            self._at += step
            return
        self._places[self._at + 1 :] = [scalar]
        self._places = self._places[-_LONGEST:]
        self._at = len(self._places) - 1

    def back(self) -> int | None:
        """The scalar to select for a step back; the step is done when it is visited."""
        self._step = -1
        return self.previous

    def forward(self) -> int | None:
        """The scalar to select for a step forward."""
        self._step = 1
        return self.next

    def _place(self, step: int) -> int | None:
        at = self._at + step
        return self._places[at] if 0 <= at < len(self._places) else None
