"""The rulers: what the columns and rows of the matrix are called, always in sight: above and at the left.

A ruler has two strips: the outer one with whole names, the inner one with finer bands. Which bands they show depends
on how near the view is. A label stands inside of the part of its band that is seen, or is left out: none overlap.
Where nothing finer than positions can be named, a lane beside the matrix has a tint for each layer within them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from microgpt.program.program import Floats
from microgpt_studio.panels.matrix.bands import Band, Bands, Level
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.density import Lines
from microgpt_studio.panels.matrix.layers import short_layer
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_INNER_CHARACTERS = 15  # of a label beside the rows
_OUTER_CHARACTERS = (4, 14, 18, 22)  # of whole names of positions, blocks, tensors and elements: they should have room
_NARROWEST_SCALAR = 8.0  # pixels of a scalar that may have a name
_NAMED_SHARE = 0.65  # of what is seen that has a name
_TRIED = 16  # bands whose names tell how much room those of a level take
PADDING = 4.0  # pixels beside a name
_LANE_PADDING = 1.5  # of a layer's name upon its tint
_NARROWEST_LAYER = 2.0  # pixels of a layer from which it has a tint
_WEAK_FROM = 4  # pixels between weak lines at least
TICKS = 5.0  # pixels of a ruler, next to the matrix, for marks

Size = Callable[[str], float]  # pixels that a text takes along the ruler
Wordings = Callable[[Band], Sequence[str]]  # the longest first


@dataclass(frozen=True, slots=True)
class Margins:
    """How the widget is divided, in pixels."""

    left: float
    top: float
    strip: float  # height of one line of labels

    @classmethod
    def of(cls, theme: Theme) -> Margins:
        metrics = metrics_of(theme.number_font(SMALL))
        strip = metrics.height() + 2.0
        inner = metrics.horizontalAdvance("0") * _INNER_CHARACTERS + PADDING
        return cls(left=round(strip + inner + TICKS), top=round(2 * strip + TICKS), strip=strip)

    def window(self, width: float, height: float) -> QRectF:
        """Where the matrix is in a widget of this size."""
        return QRectF(self.left, self.top, max(width - self.left, 1.0), max(height - self.top, 1.0))

    @property
    def lane(self) -> float:
        """Pixels of the lane with the layers, next to the ticks."""
        return math.floor(self.strip) - 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text, in pixels along the ruler from the window's beginning."""

    text: str
    start: float
    stop: float
    band: Band


@dataclass(frozen=True, slots=True)
class Ruler:
    """The bands and labels of one axis in one view."""

    outer: Sequence[Band]  # empty where the inner bands are the coarsest
    inner: Sequence[Band]
    outer_labels: Sequence[Label]
    inner_labels: Sequence[Label]
    level: Level  # of the inner bands
    span: Span
    layers: Sequence[Sequence[Band]] = ()  # of each layer, in the lane; empty where there is none
    layer_labels: Sequence[Label] = ()

    @classmethod
    def across(cls, bands: Bands, span: Span, theme: Theme) -> Ruler:
        """The ruler above: labels along it."""
        measure = _measure(metrics_of(theme.number_font(SMALL)))
        return cls._of(bands, span, measure, measure, measure)

    @classmethod
    def down(cls, bands: Bands, span: Span, theme: Theme) -> Ruler:
        """The ruler at the left: outer labels along it, inner ones across."""
        metrics = metrics_of(theme.number_font(SMALL))
        measure = _measure(metrics)
        room = measure("0") * _INNER_CHARACTERS
        height = 0.95 * metrics.height() - 2 * PADDING  # lines stand closer than words

        def across(text: str) -> float:
            return height if measure(text) <= room else np.inf

        thickness = Margins.of(theme).lane

        def in_lane(text: str) -> float:
            return 0.8 * metrics.height() if measure(text) <= thickness else np.inf

        return cls._of(bands, span, measure, across, in_lane)

    @classmethod
    def _of(cls, bands: Bands, span: Span, outer_size: Size, inner_size: Size, lane_size: Size) -> Ruler:
        level = _level(bands, span, outer_size, inner_size)
        inner = _seen(bands, span, level)
        outer = _seen(bands, span, Level(level - 1)) if level else ()
        repeated = {(band.start, band.stop) for band in outer}
        fresh = [band for band in inner if (band.start, band.stop) not in repeated]
        layers = () if level else _layers(bands, span)
        return cls(
            outer,
            inner,
            _labels(outer, span, _whole_names if level > Level.BLOCK else _position_names, outer_size),
            _labels(fresh, span, _own_names if level else _position_names, inner_size),
            level,
            span,
            layers,
            _layer_labels(layers, span, lane_size),
        )

    def named_at(self, bands: Bands, place: int, beside: float, margins: Margins) -> Band:
        """What is named `beside` pixels before the matrix: upon the lane of layers their block, or else the band."""
        upon_lane = self.layers and beside <= TICKS + margins.lane
        return bands.at(Level.BLOCK if upon_lane else self.level, place)

    def lines(self, pixels: int, ratio: float) -> Lines:
        """(pixels,) where lines between bands are: 2 between the outer ones, or the inner where there are no outer."""
        lines = np.zeros(pixels, dtype=np.uint8)
        weak = sorted(chain(self.inner, *self.layers), key=_start_of) if self.layers else self.inner
        _mark(lines, weak, self.span, ratio, 1)
        _mark(lines, self.outer or self.inner, self.span, ratio, 2)
        return lines


def _measure(metrics: QFontMetricsF) -> Size:
    """How long a text is: in a monospaced face that is told by its characters, if the face has them."""
    advance = metrics.horizontalAdvance("0")

    def measure(text: str) -> float:
        return advance * len(text) if text.isascii() else metrics.horizontalAdvance(text)

    return measure


def _mark(lines: Lines, bands: Sequence[Band], span: Span, ratio: float, strength: int) -> None:
    starts = np.array([band.start for band in bands], dtype=np.float64)
    places = np.rint((starts - span.first) * span.scale * ratio).astype(int) - 1
    clear = np.diff(places, prepend=-_WEAK_FROM) >= (_WEAK_FROM if strength == 1 else 1)
    lines[places[clear & (places >= 0) & (places < len(lines))]] = strength


def _level(bands: Bands, span: Span, outer_size: Size, inner_size: Size) -> Level:
    """The finest level of inner bands at which most of what is seen has a name, and the outer bands their whole names.

    Names take as much room as the longest of some of them.
    """
    for level in reversed(Level):
        if level is Level.SCALAR and span.scale < _NARROWEST_SCALAR:
            continue
        names = _own_names if level else _position_names
        needed = [min(map(inner_size, names(band))) for band in _seen(bands, span, level)[:_TRIED]]
        sizes = _sizes(bands, span, level)
        if not needed or sizes[sizes >= max(needed) + 2 * PADDING].sum() < _NAMED_SHARE * sizes.sum():
            continue
        if not level:
            return level
        outer = _sizes(bands, span, Level(level - 1))
        usual = (outer**2).sum() / outer.sum()  # of the outer band that a place is in, on average over the places
        if usual >= _OUTER_CHARACTERS[level - 1] * outer_size("0") + 2 * PADDING:
            return level
    return Level.POSITION


def _seen(bands: Bands, span: Span, level: Level) -> Sequence[Band]:
    return bands.within(level, int(span.first), int(np.ceil(span.last)))


def _sizes(bands: Bands, span: Span, level: Level) -> Floats:
    """Pixels of each band in sight."""
    sizes = bands.sizes(level, int(span.first), int(np.ceil(span.last)))
    return np.asarray(span.scale * sizes, dtype=np.float64)


def _layers(bands: Bands, span: Span) -> tuple[Sequence[Band], ...]:
    """The bands of layers in sight; none where most of them are too narrow to be told apart."""
    layers = bands.layers(int(span.first), int(np.ceil(span.last)))
    sizes = [band.size for bands_of_layer in layers for band in bands_of_layer]
    return layers if sizes and span.scale * np.median(sizes) >= _NARROWEST_LAYER else ()


def _layer_labels(layers: Sequence[Sequence[Band]], span: Span, size: Size) -> list[Label]:
    """Positions have names of one length: the longest for which all of them have room, or the shortest where it has."""
    sizes = [span.scale * band.size for bands in layers for band in bands if band.path.startswith("pos")]
    room = min(sizes, default=0.0)
    labels = []
    for bands in layers:
        names = [(size(name) + 2 * _LANE_PADDING, name) for band in bands[:1] for name in _layer_names(band)]
        usual = [(needed, name) for needed, name in names if needed <= room] or names[-1:]
        for band in bands:
            start, stop = max(span.to_pixel(band.start), 0.0), min(span.to_pixel(band.stop), span.pixels)
            for needed, name in usual if band.path.startswith("pos") else names:
                if needed <= stop - start:
                    labels.append(Label(name, start, stop, band))
                    break
    return sorted(labels, key=_start_of_label)


def _labels(bands: Sequence[Band], span: Span, wordings: Wordings, size: Size) -> list[Label]:
    """For each band the first of its wordings that has room in the part that is seen; none where none has."""
    labels = []
    for band in bands:
        start = max(span.to_pixel(band.start), 0.0)
        stop = min(span.to_pixel(band.stop), span.pixels)
        room = stop - start - 2 * PADDING
        if room <= 0.0:
            continue
        text = next((text for text in wordings(band) if size(text) <= room), "")
        if text:
            labels.append(Label(text, start, stop, band))
    return labels


def _position_names(band: Band) -> tuple[str, ...]:
    short = ("params", "θ") if band.name == "parameters" else (band.name.removeprefix("pos"),)
    return band.path, band.name, *short


def _whole_names(band: Band) -> tuple[str, ...]:
    without_position = band.path.partition(".")[2] if band.path.startswith("pos") else band.path
    return band.path, without_position, band.name, band.name.rpartition(".")[2]


def _own_names(band: Band) -> tuple[str, ...]:
    return band.name, band.name.rpartition(".")[2]


def _layer_names(band: Band) -> tuple[str, ...]:
    return band.name, short_layer(band.name), band.name.removeprefix("layer")


def _start_of(band: Band) -> int:
    return band.start


def _start_of_label(label: Label) -> float:
    return label.start
