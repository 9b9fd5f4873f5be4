"""The lane of marks above the loss plot, in its scale: hits, bookmarks and where training stands, told by shape."""

from __future__ import annotations

from math import log2

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from microgpt.program.program import Floats, Ids
from microgpt_studio.bridge.commands import GoTo, GoToPlace
from microgpt_studio.panels.loss_axes import Ends, Scale, lane_height
from microgpt_studio.panels.loss_marks import Bookmark, Goal, Marks
from microgpt_studio.panels.loss_shapes import FLAG, HALF, TRIANGLE, cross, flag, handle, triangle
from microgpt_studio.theme import Palette, Theme

_HEIGHT = 16.0  # pixels of a lane that the sizes below belong to
_APART = 8  # hits that are nearer become bars
_MANY = 64  # hits in one column of pixels that make the highest bar
_FAR_AWAY = 1000  # pixels, in which there is no other hit
_FAR = 14.0  # pixels between updates from which on a hit shows the whole of its update, somewhere in which it was


class Lane:
    """Where marks stand above a plot."""

    def __init__(self, scale: Scale, theme: Theme) -> None:
        self.scale = scale
        self.area = QRectF(scale.area.left(), 0.0, scale.area.width(), lane_height(theme))
        self.unit = self.area.height() / _HEIGHT

    def holds(self, point: QPointF) -> bool:
        """Whether a point is in the lane; marks at its ends stick out a little."""
        return self.area.adjusted(-HALF * self.unit, 0.0, FLAG * self.unit, 0.0).contains(point)

    def bookmark_at(self, marks: Marks, point: QPointF) -> Bookmark | None:
        """The bookmark whose flag is under a point of the lane."""
        return marks.bookmark_near(self.scale.update(point.x() - 2 * self.unit), *self._flags(point))

    def goal_at(self, marks: Marks, point: QPointF) -> Goal | None:
        """What a click goes to: where a flag and a hit are at one place, the flag above, the hit below."""
        bookmark = self.bookmark_at(marks, point)
        update = marks.hit_near(self.scale.update(point.x()), *self._around(point))
        if bookmark is not None and (update is None or point.y() < self.area.center().y()):
            return GoToPlace(bookmark.place)
        return None if update is None else GoTo(update)

    def describe(self, marks: Marks, point: QPointF) -> str:
        """What is under a point of the lane, a sentence a line; empty where nothing is."""
        low, high = self._around(point)
        lines = marks.describe_bookmarks(*self._flags(point)) + marks.describe_hits(low, high)
        match self.goal_at(marks, point):
            case GoToPlace():
                lines.append("Click to go to the bookmark")
            case GoTo(update):
                lines.append(f"Click to go to update {update}")
        if low <= marks.position <= high:
            lines.insert(0, marks.standing)
        return "\n".join(lines)

    def _around(self, point: QPointF) -> Ends:
        reach = (HALF + 1.0) * self.unit
        return self.scale.update(point.x() - reach), self.scale.update(point.x() + reach)

    def _flags(self, point: QPointF) -> Ends:
        """From where to where poles stand whose flags are under a point."""
        return self.scale.update(point.x() - FLAG * self.unit), self.scale.update(point.x() + 3.0 * self.unit)


class LanePainter:
    """Paints one frame of a lane."""

    def __init__(self, painter: QPainter, lane: Lane, palette: Palette) -> None:
        self._painter, self._lane, self._palette = painter, lane, palette
        self._scale, self._area, self._unit = lane.scale, lane.area, lane.unit

    def draw(self, marks: Marks) -> None:
        """The hits below, the flags above, and where training stands."""
        self._painter.fillRect(self._area, QColor(self._palette.window))
        self._draw_hits(marks)
        self._draw_flags(marks)
        if self._sees(marks.position):
            self._draw_standing(self._column(marks.position), fault=marks.trouble is not None)

    def _sees(self, position: float) -> bool:
        low, high = self._scale.updates
        return low <= position <= high

    def _column(self, position: float) -> float:
        return round(self._scale.x(position)) + 0.5

    def _draw_hits(self, marks: Marks) -> None:
        """A triangle for a hit that stands alone; bars, the higher the more hits in a column, where they crowd."""
        low, high = self._scale.updates
        hits = [row.hit_updates for row in marks.breakpoints]
        seen = [updates[updates.searchsorted(low) : updates.searchsorted(high, "right")] for updates in hits]
        updates = np.concatenate(seen).astype(np.float64) if seen else np.empty(0)
        if not len(updates):
            return
        counts = np.bincount(np.rint(np.maximum(self._scale.x(updates), 0.0)).astype(np.int64))
        columns = np.flatnonzero(counts)
        counts = counts[columns]
        gaps = np.diff(columns, prepend=columns[0] - _FAR_AWAY, append=columns[-1] + _FAR_AWAY)
        alone = (counts == 1) & (np.minimum(gaps[:-1], gaps[1:]) >= _APART * self._unit)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._scale.x(1.0) - self._scale.x(0.0) >= _FAR * self._unit:
            self._draw_spans(updates)
        self._draw_bars(columns[~alone], counts[~alone], gaps[1:][~alone])
        shape = triangle(self._area.bottom(), self._unit)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x in (columns[alone] + 0.5).tolist():
            self._painter.fillPath(shape.translated(x, 0.0), QColor(self._palette.error))

    def _draw_spans(self, updates: Floats) -> None:
        """Where there is room: a hit was somewhere in its update, not at the end of it."""
        ends = zip(self._scale.x(updates - 1.0).tolist(), self._scale.x(updates).tolist(), strict=True)
        y = self._area.bottom() - 0.5
        self._painter.setPen(QPen(QColor(self._palette.error), 1.0))
        self._painter.drawLines([QLineF(start, y, end, y) for start, end in ends])

    def _draw_bars(self, columns: Ids, counts: Ids, gaps: Ids) -> None:
        """`gaps` are the pixels to the next column. Neighbours of one height are one rectangle: less to paint."""
        if not len(columns):
            return
        share = np.minimum(np.log2(counts) / log2(_MANY), 1.0)
        low, high = TRIANGLE * self._unit, self._area.height() - 1.0
        heights = np.rint(low + share * (high - low))
        widths = np.where(gaps <= 2, gaps, 2)
        first = np.flatnonzero(np.r_[True, (columns[1:] != columns[:-1] + widths[:-1]) | (np.diff(heights) != 0)])
        last = np.r_[first[1:], len(columns)] - 1
        ends = columns[last] + widths[last]
        bars = zip(columns[first].tolist(), ends.tolist(), heights[first].tolist(), strict=True)
        bottom = self._area.bottom()
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._palette.error))
        self._painter.drawRects([QRectF(x, bottom - height, end - x, height) for x, end, height in bars])

    def _draw_flags(self, marks: Marks) -> None:
        shape = flag(0.0, self._area.bottom(), self._unit)
        columns = {self._column(bookmark.position) for bookmark in marks.bookmarks if self._sees(bookmark.position)}
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x in sorted(columns):
            self._fill(shape.translated(x, 0.0), self._palette.text)

    def _draw_standing(self, x: float, *, fault: bool) -> None:
        """A line down to the plot's, and a handle at its top; below it a cross for a fault."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.setPen(QPen(QColor(self._palette.accent), 1.0))
        self._painter.drawLine(QLineF(x, 0.0, x, self._area.bottom() + 2.0))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._fill(handle(0.0, self._unit).translated(x, 0.0), self._palette.accent)
        if fault:
            shape = cross(self._area.bottom() - 1.0, self._unit).translated(x, 0.0)
            self._painter.strokePath(shape, QPen(QColor(self._palette.window), 5.0))
            self._painter.strokePath(shape, QPen(QColor(self._palette.error), 2.0))

    def _fill(self, shape: QPainterPath, color: str) -> None:
        """With a gap to what is behind."""
        self._painter.strokePath(shape, QPen(QColor(self._palette.window), 2.0))
        self._painter.fillPath(shape, QColor(color))
