"""The rulers: what the columns and rows of the matrix are called, always in sight: above and at the left.

A ruler has two strips: the outer one with whole names, the inner one with finer bands. Which bands they show depends
on how near the view is. A label stands inside of the part of its band that is seen, or is left out: none overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from microgpt.program.program import Floats
from microgpt_studio.panels.matrix.bands import Band, Bands, Level
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.density import Lines
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_INNER_CHARACTERS = 15  # of a label beside the rows
_OUTER_CHARACTERS = (4, 14, 18, 22)  # of whole names of positions, blocks, tensors and elements: they should have room
_NARROWEST_SCALAR = 8.0  # pixels of a scalar that may have a name
_NAMED_SHARE = 0.65  # of what is seen that has a name
_TRIED = 16  # bands whose names tell how much room those of a level take
_PADDING = 4.0
_WEAK_FROM = 4  # pixels between weak lines at least
_CLOSEST_LINES = 3.0  # pixels between lines of a strip at least
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
        inner = metrics.horizontalAdvance("0") * _INNER_CHARACTERS + _PADDING
        return cls(left=round(strip + inner + TICKS), top=round(2 * strip + TICKS), strip=strip)

    def window(self, width: float, height: float) -> QRectF:
        """Where the matrix is in a widget of this size."""
        return QRectF(self.left, self.top, max(width - self.left, 1.0), max(height - self.top, 1.0))


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

    @classmethod
    def across(cls, bands: Bands, span: Span, theme: Theme) -> Ruler:
        """The ruler above: labels along it."""
        measure = _measure(metrics_of(theme.number_font(SMALL)))
        return cls._of(bands, span, measure, measure)

    @classmethod
    def down(cls, bands: Bands, span: Span, theme: Theme) -> Ruler:
        """The ruler at the left: outer labels along it, inner ones across."""
        metrics = metrics_of(theme.number_font(SMALL))
        measure = _measure(metrics)
        room = measure("0") * _INNER_CHARACTERS
        height = 0.95 * metrics.height() - 2 * _PADDING  # lines stand closer than words

        def across(text: str) -> float:
            return height if measure(text) <= room else np.inf

        return cls._of(bands, span, measure, across)

    @classmethod
    def _of(cls, bands: Bands, span: Span, outer_size: Size, inner_size: Size) -> Ruler:
        level = _level(bands, span, outer_size, inner_size)
        inner = _seen(bands, span, level)
        outer = _seen(bands, span, Level(level - 1)) if level else ()
        repeated = {(band.start, band.stop) for band in outer}
        fresh = [band for band in inner if (band.start, band.stop) not in repeated]
        return cls(
            outer,
            inner,
            _labels(outer, span, _whole_names if level > Level.BLOCK else _position_names, outer_size),
            _labels(fresh, span, _own_names if level else _position_names, inner_size),
            level,
            span,
        )

    def lines(self, pixels: int, ratio: float) -> Lines:
        """(pixels,) where lines between bands are: 2 between the outer ones, or the inner where there are no outer."""
        lines = np.zeros(pixels, dtype=np.uint8)
        _mark(lines, self.inner, self.span, ratio, 1)
        _mark(lines, self.outer or self.inner, self.span, ratio, 2)
        return lines


def draw_across(painter: QPainter, ruler: Ruler, margins: Margins, theme: Theme) -> None:
    """The ruler above, in a painter whose origin is the matrix's corner."""
    metrics = _prepare(painter, theme)
    for labels, top, color in (
        (ruler.outer_labels, -margins.top, theme.palette.text),
        (ruler.inner_labels, -margins.top + margins.strip, theme.palette.muted),
    ):
        painter.setPen(QColor(color))
        for label in labels:
            x = (label.start + label.stop - metrics.horizontalAdvance(label.text)) / 2
            painter.drawText(QPointF(x, top + metrics.ascent() + 1.0), label.text)
    painter.setPen(QColor(theme.palette.border))
    lines = [(band, margins.top) for band in ruler.outer] + [
        (band, margins.top - margins.strip) for band in ruler.inner
    ]
    painter.drawLines([QLineF(x, -length, x, -TICKS) for x, length in _ticks(lines, ruler.span)])


def draw_down(painter: QPainter, ruler: Ruler, margins: Margins, theme: Theme) -> None:
    """The ruler at the left, in a painter whose origin is the matrix's corner."""
    metrics = _prepare(painter, theme)
    painter.setPen(QColor(theme.palette.muted if ruler.outer else theme.palette.text))
    middle = (metrics.ascent() - metrics.descent()) / 2
    for label in ruler.inner_labels:
        x = -TICKS - _PADDING - metrics.horizontalAdvance(label.text)
        painter.drawText(QPointF(x, (label.start + label.stop) / 2 + middle), label.text)
    painter.setPen(QColor(theme.palette.text))
    for label in ruler.outer_labels:
        painter.save()
        painter.translate(-margins.left, (label.start + label.stop + metrics.horizontalAdvance(label.text)) / 2)
        painter.rotate(-90.0)
        painter.drawText(QPointF(0.0, metrics.ascent() + 1.0), label.text)
        painter.restore()
    painter.setPen(QColor(theme.palette.border))
    lines = [(band, margins.left) for band in ruler.outer]
    lines += [(band, margins.left - margins.strip) for band in ruler.inner]
    painter.drawLines([QLineF(-length, y, -TICKS, y) for y, length in _ticks(lines, ruler.span)])


def _measure(metrics: QFontMetricsF) -> Size:
    """How long a text is: in a monospaced face that is told by its characters, if the face has them."""
    advance = metrics.horizontalAdvance("0")

    def measure(text: str) -> float:
        return advance * len(text) if text.isascii() else metrics.horizontalAdvance(text)

    return measure


def _prepare(painter: QPainter, theme: Theme) -> QFontMetricsF:
    painter.setFont(theme.number_font(SMALL))
    return metrics_of(painter.font())


def _ticks(bands: Sequence[tuple[Band, float]], span: Span) -> list[tuple[float, float]]:
    """Where bands begin, in pixels, and how long the line there is; lines that are too close are left out."""
    ticks: list[tuple[float, float]] = []
    last: dict[float, float] = {}
    for band, length in bands:
        pixel = span.to_pixel(band.start)
        if 0.0 <= pixel <= span.pixels and pixel - last.get(length, -np.inf) >= _CLOSEST_LINES:
            ticks.append((round(pixel) - 0.5, length))
            last[length] = pixel
    return ticks


def _mark(lines: Lines, bands: Sequence[Band], span: Span, ratio: float, strength: int) -> None:
    starts = np.array([band.start for band in bands[1:]], dtype=np.float64)
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
        if not needed or sizes[sizes >= max(needed) + 2 * _PADDING].sum() < _NAMED_SHARE * sizes.sum():
            continue
        if not level:
            return level
        outer = _sizes(bands, span, Level(level - 1))
        usual = (outer**2).sum() / outer.sum()  # of the outer band that a place is in, on average over the places
        if usual >= _OUTER_CHARACTERS[level - 1] * outer_size("0") + 2 * _PADDING:
            return level
    return Level.POSITION


def _seen(bands: Bands, span: Span, level: Level) -> Sequence[Band]:
    return bands.within(level, int(span.first), int(np.ceil(span.last)))


def _sizes(bands: Bands, span: Span, level: Level) -> Floats:
    """Pixels of each band in sight."""
    sizes = bands.sizes(level, int(span.first), int(np.ceil(span.last)))
    return np.asarray(span.scale * sizes, dtype=np.float64)


def _labels(bands: Sequence[Band], span: Span, wordings: Wordings, size: Size) -> list[Label]:
    """For each band the first of its wordings that has room in the part that is seen; none where none has."""
    labels = []
    for band in bands:
        start = max(span.to_pixel(band.start), 0.0)
        stop = min(span.to_pixel(band.stop), span.pixels)
        room = stop - start - 2 * _PADDING
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
