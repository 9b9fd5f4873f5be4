"""The margins: what the columns and rows are called, always in sight: above, at the left, and the losses below.

Labels that have no room are left out, the selected one last; none lies upon another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.map_colors import Coloring, Norm
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import BODY, SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import fitted, short

_LIMITS_FROM = 560.0  # pixels of the widget's width from which there is room for the rows' limits
_PADDING = 4.0
_LIMIT_CHARACTERS = 8  # of a limit, behind its sign: four digits of most numbers
_BETWEEN = (10.0, 8.0, 5.0)  # pixels at least between the texts of neighbouring columns, in each line
Placed = tuple[float, float, str]  # a text's left end, its baseline, and what it says

_PACKED = 0.95  # of the size of a face: lines at this distance do not touch


@dataclass(frozen=True, slots=True)
class Margins:
    """How the widget is divided, in pixels: the map's window is what the margins leave."""

    left: float
    top: float
    bottom: float
    bracket: float  # of the left margin, for the names of the blocks
    limits: float  # of the left margin, for the rows' limits; 0: they have no room

    @classmethod
    def of(cls, layout: MapLayout, coloring: Coloring, theme: Theme, width: float) -> Margins:
        text, numbers = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
        names = max(text.horizontalAdvance(row.label) for row in layout.rows)
        bracket = text.height() + _PADDING
        by_row = coloring.norm is Norm.ROW and not coloring.quantity.is_order
        roomy = by_row and width >= _LIMITS_FROM * theme.text_scale
        limits = numbers.horizontalAdvance("0") * (_LIMIT_CHARACTERS + 1) + 2 * _PADDING if roomy else 0.0
        header = metrics_of(theme.number_font(BODY)).height() + numbers.height() + _PADDING
        return cls(
            left=round(2 * _PADDING + bracket + names + limits),
            top=round(header),
            bottom=round(numbers.height() + 2 * _PADDING),
            bracket=round(bracket),
            limits=limits,
        )

    def window(self, width: float, height: float) -> QRectF:
        """The map's window in a widget of this size."""
        return QRectF(self.left, self.top, max(width - self.left, 1.0), max(height - self.top - self.bottom, 1.0))


def shown_part(start: float, stop: float, first: float, last: float) -> tuple[float, float] | None:
    """What is seen of start … stop between first and last."""
    start, stop = max(start, first), min(stop, last)
    return (start, stop) if start < stop else None


def chosen_labels(middles: Sequence[float], size: float, preferred: Sequence[int]) -> list[int]:
    """Indices of labels, `size` long each, that do not overlap: the preferred ones first, then in their order."""
    chosen: list[int] = []
    taken: list[float] = []  # middles of the chosen, ascending
    for index in [*preferred, *range(len(middles))]:
        at = bisect_left(taken, middles[index])
        if all(abs(middles[index] - other) >= size for other in taken[max(at - 1, 0) : at + 1]):
            chosen.append(index)
            taken.insert(at, middles[index])
    return sorted(chosen)


def loss_texts(loss: float | None) -> tuple[str, ...]:
    """A loss, the longest wording first; a dash for one that is not known."""
    if loss is None:
        return "–", "–"
    brief = "<.01" if 0 < loss < 0.01 else f"{loss:.2f}"
    return short(loss), brief


class ColumnTexts:
    """What stands above and below the columns of one picture, in every wording, and how wide that is.

    All columns use the same wording, so that they can be compared at a glance.
    """

    def __init__(self, picture: Picture, marks: Sequence[str], theme: Theme) -> None:
        """`marks` are the tokens as text."""
        self.picture = picture
        self.theme = theme
        self.fonts = theme.number_font(BODY, bold=True), theme.number_font(SMALL), theme.number_font(SMALL)
        self.metrics = tuple(map(metrics_of, self.fonts))
        self.texts = [_column_texts(picture, marks, column) for column in range(picture.positions)]
        self.widths = [
            [[metrics.horizontalAdvance(wording) for wording in column[line]] for column in self.texts]
            for line, metrics in enumerate(self.metrics)
        ]
        self._widest = [[max(level) for level in zip(*line, strict=True)] for line in self.widths]

    def level(self, line: int, room: float) -> int | None:
        """The longest wording of a line that fits every column; None where none does."""
        return next((level for level, width in enumerate(self._widest[line]) if width <= room), None)


def draw_columns(painter: QPainter, columns: ColumnTexts, t: Transform, window: QRectF, selected: int | None) -> None:
    """Above each column its character and target, below it its loss."""
    layout, theme = columns.picture.layout, columns.theme
    palette, (bold_metrics, metrics, _) = theme.palette, columns.metrics
    first_line = bold_metrics.ascent() + 2.0
    second_line = first_line + bold_metrics.descent() + metrics.ascent()
    baselines = first_line, second_line, window.bottom() + _PADDING + metrics.ascent()
    _draw_parameters_header(painter, layout, t, window, theme, first_line)
    full_room = layout.pitch * t.scale_x
    parts = []  # of the columns in sight: which, its part that is seen, whether that is all of it; the selected first
    for column in range(len(columns.texts)):
        left = column * full_room + t.x + window.x()
        right = left + layout.column_width * t.scale_x
        part = shown_part(left, right, window.left(), window.right())
        if part is not None:
            parts.append((column, *part, part[1] - part[0] >= right - left - 0.5))
    parts.sort(key=lambda part: part[0] != selected)
    for line, baseline in enumerate(baselines):
        painter.setFont(columns.fonts[line])
        usual, accent = QColor((palette.text, palette.muted, palette.text)[line]), QColor(palette.accent)
        whole_level = columns.level(line, full_room - _BETWEEN[line])
        kept = last = (-inf, -inf)  # where the selected column's text is, and the last one's
        texts: list[Placed] = []
        marked: list[Placed] = []
        for column, start, stop, is_whole in parts:
            level = whole_level if is_whole else columns.level(line, stop - start)
            if level is None:
                continue
            width = columns.widths[line][column][level]
            x = (start + stop - width) / 2
            end = x + width
            if (x < last[1] + 3.0 and last[0] < end + 3.0) or (x < kept[1] + 3.0 and kept[0] < end + 3.0):
                continue
            last = x, end
            if column == selected:
                kept = last
            to = marked if column == selected and line < 2 else texts
            to.append((x, baseline, columns.texts[column][line][level]))
        for color, some in ((accent, marked), (usual, texts)):
            painter.setPen(color)
            columns.metrics[line].draw(painter, some)


def _draw_parameters_header(
    painter: QPainter, layout: MapLayout, t: Transform, window: QRectF, theme: Theme, baseline: float
) -> None:
    """Above the parameters' column what it is, as long as it is in sight."""
    ends = (layout.parameters_left, layout.parameters_left + layout.column_width)
    left, right = (x * t.scale_x + t.x + window.x() for x in ends)
    part = shown_part(left, right, window.left(), window.right())
    painter.setFont(theme.text_font(SMALL))
    width = metrics_of(painter.font()).horizontalAdvance("parameters")
    if part is not None and width <= part[1] - part[0]:
        painter.setPen(QColor(theme.palette.muted))
        painter.drawText(QPointF((part[0] + part[1] - width) / 2, baseline), "parameters")


def _column_texts(picture: Picture, marks: Sequence[str], column: int) -> tuple[tuple[str, ...], ...]:
    """What stands in the three lines of a column: its character and target, its position, its loss."""
    source, target = marks[column], marks[column + 1]
    return (
        (f"{source} → {target}", f"{source}→{target}", source),
        (f"pos{column}", str(column)),
        loss_texts(picture.loss(column)),
    )


def draw_rows(
    painter: QPainter,
    picture: Picture,
    t: Transform,
    window: QRectF,
    margins: Margins,
    theme: Theme,
    preferred: Sequence[int],
) -> None:
    """At the left what each row is, and the ends of its scale."""
    palette = theme.palette
    text, number = theme.text_font(SMALL), theme.number_font(SMALL)
    metrics, number_metrics = metrics_of(text), metrics_of(number)
    rows = []
    scale, offset, above, below = t.scale_y, t.y + window.y(), window.top(), window.bottom()
    for index, row in enumerate(picture.layout.rows):
        top, bottom = row.top * scale + offset, row.bottom * scale + offset
        part = shown_part(top, bottom, above, below)
        if part is not None and (bottom - top <= part[1] - part[0] + 1 or part[1] - part[0] >= metrics.height()):
            rows.append((index, (part[0] + part[1]) / 2))
    rows.sort(key=lambda row: picture.layout.rows[row[0]].shared)  # what is shared yields to the vectors
    places = [middle for _, middle in rows]
    first = [i for i, (index, _) in enumerate(rows) if index in preferred]
    right = margins.left - 2 * _PADDING
    chosen = [rows[i] for i in chosen_labels(places, _PACKED * text.pixelSize(), first)]
    to_baseline = (metrics.ascent() - metrics.descent()) / 2
    labels: tuple[list[Placed], list[Placed]] = [], []  # of the preferred rows, and of the others
    figures: tuple[list[Placed], list[Placed]] = [], []
    limits, digit = picture.limits.tolist(), number_metrics.horizontalAdvance("0")  # all are as wide in this face
    for index, middle in chosen:
        other, baseline = index not in preferred, middle + to_baseline
        label = picture.layout.rows[index].label
        labels[other].append((right - margins.limits - metrics.horizontalAdvance(label), baseline, label))
        if margins.limits and not isnan(limits[index]):
            figure = "±" + fitted(limits[index], _LIMIT_CHARACTERS)
            figures[other].append((right - len(figure) * digit, baseline, figure))
    for font, face, texts, usual in (
        (text, metrics, labels, palette.muted),
        (number, number_metrics, figures, palette.faint),
    ):
        painter.setFont(font)
        for color, some in zip((palette.text, usual), texts, strict=True):
            painter.setPen(QColor(color))
            face.draw(painter, some)


def draw_spans(painter: QPainter, layout: MapLayout, t: Transform, window: QRectF, theme: Theme) -> None:
    """At the far left the blocks that rows belong to, their names along them."""
    painter.setFont(theme.text_font(SMALL))
    metrics = metrics_of(painter.font())
    x = metrics.height() + 1.5
    for span in layout.spans:
        top, bottom = (y * t.scale_y + t.y + window.y() for y in (span.top, span.bottom))
        part = shown_part(top, bottom, window.top(), window.bottom())
        if part is None:
            continue
        painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
        painter.drawLine(QPointF(x, part[0]), QPointF(x, part[1]))
        length = part[1] - part[0]
        names = (span.scope, span.scope.rpartition(".")[2])
        name = next((name for name in names if metrics.horizontalAdvance(name) <= length), "")
        if name:
            painter.save()
            painter.translate(1.0, (part[0] + part[1] + metrics.horizontalAdvance(name)) / 2)
            painter.rotate(-90.0)
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(QPointF(0.0, metrics.ascent()), name)
            painter.restore()


def draw_matrix_names(painter: QPainter, layout: MapLayout, t: Transform, window: QRectF, theme: Theme) -> None:
    """Above each matrix of the parameters' column its name and shape, where there is room for them."""
    left, right = (x * t.scale_x + t.x for x in (layout.parameters_left, layout.parameters_left + layout.column_width))
    part = shown_part(left, right, window.left(), window.right())
    if part is None:
        return
    painter.setFont(theme.text_font(SMALL))
    metrics = metrics_of(painter.font())
    painter.setPen(QColor(theme.palette.muted))
    above, texts = 0.0, []
    for matrix in layout.matrices:
        top = matrix.top * t.scale_y + t.y
        room, above = matrix.top * t.scale_y - above, matrix.bottom * t.scale_y
        if room < 0.75 * metrics.height() or not window.top() < top < window.bottom() + room:
            continue
        rows, columns = len(matrix.lines), len(layout.matrix_lines.cells[matrix.lines[0]])
        names = (f"{matrix.stage} {rows}×{columns}", matrix.stage, matrix.label)
        name = next((name for name in names if metrics.horizontalAdvance(name) <= part[1] - part[0]), "")
        texts.append((part[0], top - 0.12 * metrics.height() - 1.0, name))
    metrics.draw(painter, texts)


def draw_losses_label(painter: QPainter, window: QRectF, margins: Margins, theme: Theme) -> None:
    """What the figures below the columns are."""
    painter.setFont(theme.text_font(SMALL))
    metrics = metrics_of(painter.font())
    painter.setPen(QColor(theme.palette.muted))
    text = next(
        (text for text in ("loss / nats", "loss") if metrics.horizontalAdvance(text) <= margins.left - 2 * _PADDING), ""
    )
    x = margins.left - 2 * _PADDING - metrics.horizontalAdvance(text)
    painter.drawText(QPointF(x, window.bottom() + _PADDING + metrics.ascent()), text)
