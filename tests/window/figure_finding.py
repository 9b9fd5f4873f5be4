"""Finds each figure that a panel paints: among the numbers of its snapshot, along an axis, or in fixed words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from microgpt.program.program import Floats
from tests.window.derived_figures import DERIVED
from tests.window.shown_figures import Figure, figures_in, has_unread_digits, without_names
from tests.window.shown_parts import Shown
from tests.window.snapshot_numbers import Numbers, arrays_in, sizes_of

_ROUND = (1.0, 2.0, 5.0)
_FEWEST_TICKS = 3
_PLACE = re.compile(r"[a-z]+\.py:\d+")

FIXED: dict[str, str] = {
    "loss": r"β 0\.98|last 100",
    "health": r"last 100?|10 × the median of at least 10 updates|about 1e-3 and ten times less|n_embd × 1e-05",
    "samples": r"again every 100 updates",
    "search": r"top:10 by:update|^q0$|^l0 wq 0 1$|^attn \|grad\|>0\.01$",
    "inspector": r"at most 1e-07",
    "optimizer": r"last 100|first 50",
    "breakpoints": r"loss < 2\.5",
}  # words of the program itself: they say nothing of a moment


@dataclass(slots=True)
class Finding:
    """What became of the figures of a page."""

    found: list[Figure] = field(default_factory=list)  # measured ones: among the numbers
    ticks: list[Figure] = field(default_factory=list)
    whole: list[Figure] = field(default_factory=list)  # counts, and numbers of updates, positions, rows
    lost: list[Figure] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # texts with digits that are neither a figure nor part of a name
    chances: list[float] = field(default_factory=list)  # of each with three digits or more, that another were found too

    @property
    def names_of_lost(self) -> list[str]:
        """Each with the text that it stands in."""
        return [f"{figure.text} in {figure.said!r}" for figure in self.lost] + [f"{text!r}" for text in self.unread]


class Finder:
    """Looks for the figures of one panel's page."""

    def __init__(self, panel: str, shown: Sequence[Shown], names: str) -> None:
        """`shown`: what the panel may show at the same time; `names`: all addresses of the session, one a line."""
        self._panel, self._shown, self._names = panel, shown, names

    @cached_property
    def numbers(self) -> Numbers:
        """Those of the snapshot, and what this panel is known to make of them."""
        arrays = list(sizes_of(self._shown[0].description))
        for shown in self._shown:
            arrays += arrays_in(shown.snapshot)
            for derive in DERIVED.get(self._panel, ()):
                arrays += derive(shown)
        return Numbers(arrays)

    def look(self, texts: Sequence[str]) -> Finding:
        """Look for every figure of a page's texts, in the order of painting."""
        finding = Finding()
        without = [self._without_words(text) for text in texts]
        finding.unread = [text for text in without if has_unread_digits(text)]
        figures = [figures_in(text) for text in without]
        on_axis = self._axes(figures)
        mirrored = {figure.text[1:] for of_text in figures for figure in of_text if figure.sign in "+±"}
        random = np.random.default_rng(7)
        for place, of_text in enumerate(figures):
            for figure in of_text:
                is_end = figure.sign in ("+", "±") or (figure.sign == "-" and figure.text[1:] in mirrored)
                if place in on_axis:
                    finding.ticks.append(figure)
                elif figure.is_whole and (self._counts(figure) or self.numbers.has(figure, magnitude=is_end)):
                    finding.whole.append(figure)
                elif not figure.is_whole and self.numbers.has(figure, magnitude=is_end):
                    finding.found.append(figure)
                    if figure.digits >= 3:
                        finding.chances.append(self.numbers.share_by_chance(figure, random))
                else:
                    finding.lost.append(figure)
        return finding

    def _without_words(self, text: str) -> str:
        """Without names, lines of files and fixed words."""
        if self._panel in FIXED:
            text = re.sub(FIXED[self._panel], "", text)
        text = _PLACE.sub(lambda match: " " if match[0] in self._places else match[0], text)
        return without_names(text, self._is_name)

    def _is_name(self, name: str) -> bool:
        """Whether a name is part of an address, perhaps without what lies between (layer0.attn.weight); L0; L0H1."""
        name = re.sub(r"^L(\d+)H(?=\d+$)", r"layer\1.head", name)
        name = re.sub(r"^L(?=\d)", "layer", name)
        return name in self._names or bool(
            re.search(r"\.(?:\w+\.)*".join(map(re.escape, name.split("."))), self._names)
        )

    @cached_property
    def _places(self) -> set[str]:
        """The lines that the program was recorded from, and those that run now."""
        program = self._shown[0].description.program
        running = [shown.snapshot.moment.cursor.running for shown in self._shown]
        return {f"{frame.file}:{frame.line}" for site in (*program.sites, *running) for frame in site}

    def _counts(self, figure: Figure) -> bool:
        """Whether it may be the number of an update, of a position, of a row or of a column."""
        settings, program = self._shown[0].description.settings, self._shown[0].description.program
        most = max(settings.num_steps, *(size for tensor in program.tensors for size in tensor.shape))
        return not figure.is_share and not figure.sign and figure.value <= most

    def _axes(self, figures: Sequence[Sequence[Figure]]) -> set[int]:
        """The places of ticks: texts of one figure, side by side, as far apart as round numbers along a known range."""
        found: set[int] = set()
        start = 0
        while start < len(figures):
            stop = start
            while stop < len(figures) and _stands_alone(figures[stop]):
                stop += 1
            found.update(self._axes_of([figures[i][0] for i in range(start, stop)], start))
            start = stop + 1
        return found

    def _axes_of(self, figures: Sequence[Figure], start: int) -> Iterator[int]:
        values = np.array([figure.value for figure in figures])
        first = 0
        while first + _FEWEST_TICKS <= len(values):
            even, decades = _even_run(values, first), _decades(values, first)
            if len(even) >= _FEWEST_TICKS and self.numbers.has_axis(values[even]):
                run = even
            elif len(decades) >= _FEWEST_TICKS and self.numbers.has_magnitudes_around(values[decades]):
                run = decades
            else:
                first += 1
                continue
            yield from (start + tick for tick in run)
            first = run[-1] + 1


def _stands_alone(figures: Sequence[Figure]) -> bool:
    return len(figures) == 1 and figures[0].said.strip() == figures[0].text


def _even_run(values: Floats, first: int) -> list[int]:
    """From a place on, what is as far apart as the first two, if that is 1, 2 or 5 × 10ᵏ and they are multiples of it.

    With what stands before, if that is the other end: some axes paint their ends first.
    """
    step = values[first + 1] - values[first]
    last = first + 1
    while last + 1 < len(values) and np.isclose(values[last + 1] - values[last], step, rtol=1e-6, atol=0.0):
        last += 1
    run = list(range(first, last + 1))
    if first and np.isclose(abs(values[first - 1] - values[last]), abs(step), rtol=1e-6, atol=0.0):
        run.insert(0, first - 1)
    if step == 0.0:
        return []
    base = abs(step) / 10.0 ** np.floor(np.log10(abs(step)) + 1e-9)
    whole = values[run] / step
    is_round = np.isclose(base, _ROUND, rtol=1e-6).any() and np.allclose(whole, np.round(whole), rtol=0.0, atol=1e-6)
    return run if is_round else []


def _decades(values: Floats, first: int) -> list[int]:
    """From a place on, what grows and is 0 or a power of ten, as on a logarithmic axis."""
    run: list[int] = []
    for place in range(first, len(values)):
        size = abs(values[place])
        is_power = size == 0.0 or np.isclose(np.log10(size), np.round(np.log10(size)), rtol=0.0, atol=1e-9)
        if not is_power or (run and values[place] <= values[run[-1]]):
            break
        run.append(place)
    return run
