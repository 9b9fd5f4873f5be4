"""Sites: which lines of the plain code were running when a scalar was made, told cheaply enough for every scalar."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import CO_GENERATOR
from types import CodeType, FrameType

Lines = tuple[tuple[CodeType, int], ...]  # functions, and where in them: the innermost first


class Sites:
    """The chains of lines that were running when a scalar was made, each numbered when it is first seen.

    Looking a whole chain up for every scalar would be most of the work. But while an ordinary function's frame lives,
    and stands at the same instruction, all its callers stand still: then only what it has called is looked up.
    """

    def __init__(self, within: CodeType) -> None:
        """Chains go up to the function whose code is `within`, which is not told."""
        self._within = within
        self.lines: list[Lines] = [()]
        self._numbers: dict[Lines, int] = {(): 0}
        self._known: dict[tuple[int, CodeType, int, CodeType, int], int] = {}  # place of a caller, two callees → site
        self._places: dict[Lines, int] = {}
        self._callers: dict[FrameType, tuple[int, int]] = {}  # that still run: instruction, place

    def of(self, frame: FrameType) -> int:
        """The number of the chain that ends in a frame: an operator's, which something called within the model."""
        caller = frame.f_back
        assert caller is not None
        outer = caller.f_back
        assert outer is not None
        instruction, place = self._callers.get(outer, (-1, -1))
        if instruction != outer.f_lasti:
            place = self._place(outer)
        key = (place, frame.f_code, frame.f_lasti, caller.f_code, caller.f_lasti)
        site = self._known.get(key)
        if site is None:
            site = self._known[key] = self._number(self._lines(frame))
        return site

    def forget_callers(self) -> None:
        """Let go of the frames, which keep what they have computed alive."""
        self._callers.clear()

    def _place(self, frame: FrameType) -> int:
        """A number for where a frame and all its callers stand."""
        lines = self._instructions(frame)
        place = self._places.setdefault(lines, len(self._places))
        if not frame.f_code.co_flags & CO_GENERATOR:  # a generator may be resumed from elsewhere
            self._callers[frame] = frame.f_lasti, place
        return place

    def _number(self, lines: Lines) -> int:
        if lines not in self._numbers:
            self._numbers[lines] = len(self.lines)
            self.lines.append(lines)
        return self._numbers[lines]

    def _lines(self, frame: FrameType) -> Lines:
        return tuple((each.f_code, each.f_lineno) for each in self._running(frame))

    def _instructions(self, frame: FrameType) -> Lines:
        """Cheaper to tell than lines, and finer."""
        return tuple((each.f_code, each.f_lasti) for each in self._running(frame))

    def _running(self, frame: FrameType | None) -> Iterator[FrameType]:
        while frame is not None and frame.f_code is not self._within:
            yield frame
            frame = frame.f_back
