"""The minimap: the whole map in miniature in a corner of its window, while only a part of the map is seen there.

It says where the window is, and takes it elsewhere; it keeps clear of what is selected as well as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.frame import outline
from microgpt_studio.panels.graph.inside import HEADER, Boxes
from microgpt_studio.panels.graph.levels import Levels
from microgpt_studio.panels.graph.lines import Indices
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.minimap_places import Extent, fitting, place_in, ticks
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Layer, holds_middles, paint
from microgpt_studio.theme import Palette, current_theme
from microgpt_studio.theme.colormaps import Colors, argb
from microgpt_studio.widgets.themed import ThemedWidget

_SMALLEST_FRAME = 6.0
_VEIL = 0.4  # how much of the ground lies upon what is outside the frame
_DOT = 2.0
_CURSOR = 6.0  # pixels of the bar at the scalar on which the next operation works
_BREAKPOINTS = 0.6  # of their size on the map
_PAUSE = 0.25  # seconds between two pictures while training runs
_DRAG = 4.0  # pixels that the pointer moves before a press becomes a drag
WHEEL = 1.0015  # enlargement an eighth of a degree
_HINT = "Click or drag to go there; the wheel zooms; M hides the minimap"


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the map is seen, and what is marked."""

    window: QRectF  # of the map, in the pixels of the minimap's parent
    extent: Extent
    selected: int | None  # scalar
    lit: Lit | None


class Minimap(ThemedWidget):
    """Shows what `levels` moves over, and moves it."""

    moved = Signal()  # another part of the map is seen
    entered = Signal()  # the pointer has left the map for the minimap

    def __init__(self, levels: Levels, breakpoints: BreakpointMarks, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("minimap")
        self.setAccessibleDescription("The whole map, and which part of it is seen")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        self._levels = levels
        self._layout = levels.inside.layout
        self._breakpoints = breakpoints
        self._wanted = True
        self._sight: Sight | None = None
        self._picture: Picture | None = None
        self._taken_at = -np.inf  # when the picture was
        self._pixels: Colors = np.zeros((0, 0), dtype=np.uint32)
        self._painted: object = None  # what _pixels show
        self._drawn: tuple[object, Indices] | None = None  # the cells that are wide enough to be seen, and for what
        self._grip: QPointF | None = None  # from the middle of the frame to where it is held
        self._pressed: QPointF | None = None  # until it is a drag

    @property
    def is_needed(self) -> bool:
        """Whether it is wanted, and not all of the map is seen anyway."""
        return self._wanted and not self._levels.camera.fitted

    @property
    def picture(self) -> Picture | None:
        """The picture of which it shows the cells."""
        return self._picture

    @property
    def transform(self) -> Transform:
        """From map units to its pixels."""
        sight = self._sight
        assert sight is not None, "it is shown"
        return fitting(sight.extent, QSizeF(self.size()))

    @property
    def frame(self) -> QRectF:
        """What is seen in the map's window, in its own pixels; never too small to be found."""
        sight, camera = self._sight, self._levels.camera.transform
        assert sight is not None, "it is shown"
        left, top = camera.to_map(0.0, 0.0)
        right, bottom = camera.to_map(sight.window.width(), sight.window.height())
        seen = outline(self.transform, (left, top, right - left, bottom - top))
        seen = seen.intersected(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        across = max(_SMALLEST_FRAME - seen.width(), 0.0) / 2
        down = max(_SMALLEST_FRAME - seen.height(), 0.0) / 2
        return seen.adjusted(-across, -down, across, down)

    def set_wanted(self, wanted: bool) -> None:
        """Show it where it is needed, or never."""
        self._wanted = wanted

    def show_picture(self, picture: Picture, *, running: bool) -> None:
        """Show the colours of a picture; while training runs not of every one."""
        kept, now = self._picture, monotonic()
        alike = kept is not None and _looks(kept) == _looks(picture)
        if picture is not kept and not (running and alike and now - self._taken_at < _PAUSE):
            self._picture, self._taken_at = picture, now
            self.update()

    def follow(self, sight: Sight) -> None:
        """Be where there is room in the window, and show where that is on the map; hide where it is not needed."""
        self._sight = sight
        if self.is_needed and self._picture is not None:
            place = place_in(sight.extent, sight.window, self._kept_clear(sight))
            if place is not None:
                self.setGeometry(place.toRect())
                self.show()
                self.update()
                return
        self.hide()

    def place_of(self, scalar: int) -> QRectF | None:
        """Where a scalar's cell is in the miniature; None: the document does not have it."""
        cell = self._layout.cell_of(scalar)
        if self._picture is None or not self._layout.is_shown(cell, self._picture.positions):
            return None
        return outline(self.transform, self._layout.rect_of(cell))

    def describe(self, point: QPointF) -> str:
        """What of the map is at a point, and what can be done."""
        x, y = self.transform.to_map(point.x(), point.y())
        column, row = int(x // self._layout.pitch), self._layout.row_at(y)
        positions = 0 if self._picture is None else self._picture.positions
        stage = "" if row is None else self._layout.rows[row].stage
        where = ("parameters",) if x < 0 else (f"pos{column}" if column < positions else "", stage)
        return "\n".join(filter(None, (".".join(filter(None, where)), _HINT)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        picture, sight = self._picture, self._sight
        if picture is None or sight is None:
            return
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        painter.drawImage(QPointF(0.0, 0.0), self._cells(picture, sight, self.devicePixelRatioF()))
        whole = QRectF(self.rect())
        self._breakpoints.paint(painter, self.place_of, whole, _BREAKPOINTS * theme.text_scale, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_frame(painter, palette, whole)
        cursor = picture.moment.cursor
        place = None if cursor.scalar is None or not cursor.done else self.place_of(cursor.scalar)
        if place is not None:
            painter.fillRect(QRectF(place.center() - QPointF(_CURSOR / 2, 1.0), QSizeF(_CURSOR, 2.0)), palette.accent)
        place = None if sight.selected is None else self.place_of(sight.selected)
        if place is not None:
            radius = _DOT * theme.text_scale
            painter.setPen(QPen(QColor(palette.surface), 1.5))
            painter.setBrush(QColor(palette.accent))
            painter.drawEllipse(place.center(), radius + 0.75, radius + 0.75)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.drawRect(whole.adjusted(0.0, 0.0, -1.0, -1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton):
            super().mousePressEvent(event)  # the map knows earlier views
            return
        event.accept()
        if event.button() is Qt.MouseButton.LeftButton:
            point, frame = event.position(), self.frame
            holds = min(frame.width(), frame.height()) > _SMALLEST_FRAME and frame.contains(point)
            self._grip = point - frame.center() if holds else QPointF(0.0, 0.0)
            self._pressed = point if holds else None
            self._levels.begin_move()
            if not holds:
                self._go_to(point)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._grip is None:
            return
        if self._pressed is not None and (event.position() - self._pressed).manhattanLength() < _DRAG:
            return
        self._pressed = None
        self._go_to(event.position() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() is Qt.MouseButton.LeftButton and self._grip is not None:
            if self._pressed is not None:  # a click into the frame, and no drag of it
                self._go_to(event.position())
            self._grip = self._pressed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the place that is pointed at; one that is not in the window is taken there first."""
        event.accept()
        sight = self._sight
        assert sight is not None, "it is shown"
        place = self.transform.to_map(event.position().x(), event.position().y())
        here = QRectF(QPointF(0.0, 0.0), sight.window.size())
        if not here.contains(QPointF(*self._levels.camera.transform.to_pixels(*place))):
            self._pan_to(*place)
        self._levels.zoom(WHEEL ** event.angleDelta().y(), *self._levels.camera.transform.to_pixels(*place))
        self.moved.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.entered.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos().toPointF()), self)
            return True
        return super().event(event)

    def _go_to(self, point: QPointF) -> None:
        """Have what is at one of its points in the middle of the map's window."""
        self._pan_to(*self.transform.to_map(point.x(), point.y()))
        self.moved.emit()

    def _pan_to(self, x: float, y: float) -> None:
        sight = self._sight
        assert sight is not None, "it is shown"
        at = self._levels.camera.transform.to_pixels(x, y)
        self._levels.pan(sight.window.width() / 2 - at[0], sight.window.height() / 2 - at[1])

    def _kept_clear(self, sight: Sight) -> list[QRectF]:
        """Where the selected scalar is on the map, the name of its open cell, and that; in the parent's pixels."""
        picture = self._picture
        if sight.selected is None or picture is None:
            return []
        cell = self._layout.cell_of(sight.selected)
        if not self._layout.is_shown(cell, picture.positions):
            return []
        place, whole = self._levels.place(sight.selected), self._layout.rect_of(cell)
        header = (*whole[:3], HEADER * whole[3])
        places = [place] if place == whole else [place, header, whole]
        t = self._levels.camera.transform
        return [outline(t, each).translated(sight.window.topLeft()) for each in places]

    def _draw_frame(self, painter: QPainter, palette: Palette, whole: QRectF) -> None:
        frame = self.frame
        outside = QPainterPath()
        outside.addRect(whole)
        outside.addRect(frame)
        veil = QColor(palette.surface)
        veil.setAlphaF(_VEIL)
        painter.fillPath(outside, veil)
        lines = list(ticks(frame, whole))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((palette.surface, 3.5), (palette.accent, 1.5)):
            pen = QPen(QColor(color), width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(frame)
            painter.drawLines(lines)

    def _cells(self, picture: Picture, sight: Sight, ratio: float) -> QImage:
        """All cells, painted when anything about them changed."""
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        key = picture, sight.extent, sight.lit, width, height
        if self._painted != key:
            self._painted = key
            self._fill(picture, sight, width, height, ratio)
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image

    def _fill(self, picture: Picture, sight: Sight, width: int, height: int, ratio: float) -> None:
        layout, ink = self._layout, picture.ink
        if self._pixels.shape != (height, width):
            self._pixels = np.empty((height, width), dtype=np.uint32)
        self._pixels.fill(ink.ground)
        boxes = Boxes(layout.left, layout.top, layout.width, layout.height)
        t = self.transform.times(ratio)
        key = sight.extent, picture.positions, t
        if self._drawn is None or self._drawn[0] != key:
            left, right, bottom = sight.extent
            cells = layout.cells_within(left, 0.0, right, bottom, picture.positions)
            self._drawn = key, cells[holds_middles(boxes, cells, t)]
        paint(self._pixels, Layer(boxes, self._drawn[1], ink.pixels, ink.fills, ink.ground, ink.hatch), t)
        if sight.lit is not None:
            _light(self._pixels, boxes, sight.lit.cells[layout.position_of[sight.lit.cells] < picture.positions], t)


def _looks(picture: Picture) -> tuple[object, ...]:
    """What of a picture does not change from update to update."""
    return picture.coloring, picture.palette, picture.positions


def _light(out: Colors, boxes: Boxes, cells: Indices, t: Transform) -> None:
    """One pixel in the colour of text for each of some cells, however small they are."""
    height, width = out.shape
    x = np.floor((boxes.left[cells] + boxes.width[cells] / 2) * t.scale_x + t.x).astype(np.intp)
    y = np.floor((boxes.top[cells] + boxes.height[cells] / 2) * t.scale_y + t.y).astype(np.intp)
    seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    out[y[seen], x[seen]] = argb(current_theme().palette.text)
