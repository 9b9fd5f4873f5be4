"""A page's matrices as groups of equal size in columns: where they lie, how people point at them and enlarge one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.mosaic_layout import Tile

MARGIN = 8.0
_GAP_X, _GAP_Y = 16.0, 6.0
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class GroupView(QAbstractScrollArea):
    """One group a matrix: a title, and below it what a subclass paints. A click on a title or Enter enlarges a group.

    It knows no numbers.
    """

    enlarged_changed = Signal()

    smallest = (288, 66)  # pixels of a group at text scale 1, its title included
    tallest = 240

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[Tile, ...] = ()
        self._boxes: list[QRectF] = []  # of each group that is shown, before scrolling
        self._enlarged: int | None = None
        self._current = 0  # the group that the keyboard is at
        self._hovered: tuple[int, QPointF] | None = None
        self._on_title = False
        self._picture: QPixmap | None = None  # of what does not depend on the pointer
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # For subclasses

    def paint_group(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        """What is below a title. It is kept until `repaint_groups`."""
        raise NotImplementedError

    def paint_over(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        """What lies over it and changes more often."""

    def repaint_groups(self) -> None:
        """What is in the groups has changed."""
        self._picture = None
        self.viewport().update()

    def describe(self, matrix: int, point: QPointF, box: QRectF) -> str:
        """What is told of a point within a group's box."""
        raise NotImplementedError

    def describe_title(self, matrix: int) -> str:
        """What is told of a group's title."""
        tile = self._tiles[matrix]
        return f"{tile.full_name} {tile.shape}" + ("" if self._enlarged is not None else "\nclick to enlarge")

    def copied(self, matrix: int) -> str:
        """What the copy key puts on the clipboard."""
        raise NotImplementedError

    def head_height(self, theme: Theme) -> float:  # noqa: ARG002 - for subclasses
        """Pixels above all groups that do not scroll."""
        return 0.0

    def paint_head(self, painter: QPainter, theme: Theme) -> None:
        """What stands there."""

    def pressed(self, matrix: int, point: QPointF, box: QRectF) -> None:
        """A click within a group's box."""

    # For its page

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show groups for these matrices."""
        if len(tiles) != len(self._tiles):
            self._enlarged = None
        self._tiles, self._current = tuple(tiles), 0
        self._relayout()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        return self._tiles

    @property
    def enlarged(self) -> int | None:
        """Index of the matrix that is shown alone."""
        return self._enlarged

    def enlarge(self, matrix: int | None) -> None:
        """Show one matrix alone, or all."""
        if matrix != self._enlarged:
            self._enlarged = matrix
            self._current = self._current if matrix is None else matrix
            self._hovered = None
            self._relayout()
            self.enlarged_changed.emit()

    @property
    def current(self) -> int:
        """The matrix that the keyboard is at."""
        return self._current

    def set_current(self, matrix: int) -> None:
        """Let the keyboard go on from a matrix."""
        if matrix != self._current and self._enlarged is None:
            self._current = matrix
            self.viewport().update()

    @property
    def hovered(self) -> tuple[int, QPointF] | None:
        """The group under the pointer, and where in the viewport that is."""
        return None if self._on_title else self._hovered

    def shown(self) -> list[tuple[int, QRectF]]:
        """The matrices that are laid out, each with its box in the viewport, the title not included."""
        offset, title = self.verticalScrollBar().value(), self._title_height(current_theme())
        matrices = [self._enlarged] if self._enlarged is not None else list(range(len(self._tiles)))
        return [
            (matrix, box.translated(0.0, -offset).adjusted(0.0, title, 0.0, 0.0))
            for matrix, box in zip(matrices, self._boxes, strict=True)
        ]

    def title_rect(self, matrix: int) -> QRectF:
        """Where a title lies in the viewport."""
        title = self._title_height(current_theme())
        boxes = [box for index, box in self.shown() if index == matrix]
        return QRectF(boxes[0].x(), boxes[0].y() - title, boxes[0].width(), title) if boxes else QRectF()

    def columns(self) -> list[QRectF]:
        """The boxes of the first line of groups."""
        return [box for box in self._boxes if box.y() == self._boxes[0].y()]

    def _title_height(self, theme: Theme) -> float:
        return round(metrics_of(theme.number_font(SMALL)).height()) + 1.0

    def _relayout(self) -> None:
        theme = current_theme()
        size, bar = self.maximumViewportSize(), self.verticalScrollBar()
        count = len(self._tiles) if self._enlarged is None else min(len(self._tiles), 1)
        self._boxes = self._placed(count, size.width(), size.height(), theme)
        bottom = self._boxes[-1].bottom() + MARGIN / 2 if self._boxes else 0.0
        if bottom > size.height():
            self._boxes = self._placed(count, size.width() - bar.sizeHint().width(), size.height(), theme)
            bottom = self._boxes[-1].bottom() + MARGIN / 2
        bar.setPageStep(size.height())
        bar.setRange(0, max(0, round(bottom) - size.height()))
        self.repaint_groups()

    def _placed(self, count: int, width: float, height: float, theme: Theme) -> list[QRectF]:
        least_width, least_height = map(theme.scaled, self.smallest)
        head = self.head_height(theme)
        room_x, room_y = width - 2 * MARGIN, height - head - MARGIN
        in_a_line = max(1, min(count, int((room_x + _GAP_X) // (least_width + _GAP_X))))
        lines = max(1, -(-count // in_a_line))
        group_width = (room_x - _GAP_X * (in_a_line - 1)) / in_a_line
        tallest = room_y if self._enlarged is not None else theme.scaled(self.tallest)
        group_height = max(least_height, min((room_y - _GAP_Y * (lines - 1)) / lines, tallest))
        return [
            QRectF(
                MARGIN + i % in_a_line * (group_width + _GAP_X),
                head + MARGIN / 2 + i // in_a_line * (group_height + _GAP_Y),
                group_width,
                group_height,
            )
            for i in range(count)
        ]

    def _group_at(self, point: QPointF) -> tuple[int, QRectF, bool] | None:
        """The matrix at a point, its box, and whether the point is on its title."""
        if point.y() < self.head_height(current_theme()):
            return None
        title = self._title_height(current_theme())
        for matrix, box in self.shown():
            if box.adjusted(0.0, -title, 0.0, 0.0).contains(point):
                return matrix, box, point.y() < box.y()
        return None

    def _go_to(self, matrix: int) -> None:
        self._current = matrix
        if self._enlarged is not None:
            self.enlarge(matrix)
            return
        box, bar = self._boxes[matrix], self.verticalScrollBar()
        head = self.head_height(current_theme())
        bar.setValue(round(max(min(bar.value(), box.top() - head - 2), box.bottom() + 2 - bar.pageStep())))
        self.viewport().update()

    # Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        if self._picture is None:
            self._picture = self._painted(theme)
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._picture)
        head = self.head_height(theme)
        painter.setClipRect(QRectF(self.viewport().rect()).adjusted(0.0, head, 0.0, 0.0))
        for matrix, box in self._visible(theme):
            self.paint_over(painter, matrix, box, theme)
            pointed = self._on_title and self._hovered is not None and self._hovered[0] == matrix
            if pointed or (self.hasFocus() and matrix == self._current):
                self._underline(painter, matrix, theme)

    def _visible(self, theme: Theme) -> list[tuple[int, QRectF]]:
        seen, title = QRectF(self.viewport().rect()), self._title_height(theme)
        return [(i, box) for i, box in self.shown() if box.adjusted(0.0, -title, 0.0, 0.0).intersects(seen)]

    def _painted(self, theme: Theme) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap((self.viewport().size() * ratio).expandedTo(QSize(1, 1)))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        for matrix, box in self._visible(theme):
            self._paint_title(painter, matrix, theme)
            self.paint_group(painter, matrix, box, theme)
        head = self.head_height(theme)
        if head:
            painter.fillRect(QRectF(0.0, 0.0, self.viewport().width(), head), QColor(theme.palette.surface))
            self.paint_head(painter, theme)
        painter.end()
        return picture

    def _underline(self, painter: QPainter, matrix: int, theme: Theme) -> None:
        box = self.title_rect(matrix)
        metrics = metrics_of(theme.number_font(SMALL))
        baseline = box.y() + metrics.ascent() + 2.0
        painter.setPen(QColor(theme.palette.text))
        end = min(box.x() + metrics.horizontalAdvance(self._tiles[matrix].full_name), box.right())
        painter.drawLine(QPointF(box.x(), baseline), QPointF(end, baseline))

    def _paint_title(self, painter: QPainter, matrix: int, theme: Theme) -> None:
        tile, palette, box = self._tiles[matrix], theme.palette, self.title_rect(matrix)
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        baseline = box.y() + metrics.ascent()
        x = box.x()
        for text, color in ((tile.full_name, palette.text), (tile.shape, palette.muted)):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(box.right() - x, 0.0) + 1.0)
            painter.setPen(QColor(color))
            painter.drawText(QPointF(x, baseline), shown)
            x += metrics.horizontalAdvance(shown) + metrics.horizontalAdvance(" ")

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(120), theme.scaled(48))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._relayout()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802 - Qt's name
        self.repaint_groups()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._relayout()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._group_at(event.position())
        self._hovered = None if found is None else (found[0], event.position())
        self._on_title = found is not None and found[2]
        if self._on_title and self._enlarged is None:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._group_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or found is None:
            super().mousePressEvent(event)
            return
        matrix, box, on_title = found
        self._current = matrix
        if on_title:
            self.enlarge(matrix if self._enlarged is None else self._enlarged)
        else:
            self.pressed(matrix, event.position(), box)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = Qt.Key(event.key()), len(self._tiles)
        if not count:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied(self._current))
        elif key in _PAGES:
            self._go_to((self._current + _PAGES[key]) % count)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._enlarged is None:
            self.enlarge(self._current)
        elif key == Qt.Key.Key_Escape and self._enlarged is not None:
            self.enlarge(None)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = event.pos().toPointF()
            found, text = self._group_at(point), ""
            if found is not None:
                matrix, box, on_title = found
                text = self.describe_title(matrix) if on_title else self.describe(matrix, point, box)
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._hovered = None
            self.viewport().update()
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
