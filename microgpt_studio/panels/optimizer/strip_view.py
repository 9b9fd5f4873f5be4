"""The widget of strips: which update is pointed at, and how mouse and keyboard change that. It knows no snapshot."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from microgpt_studio.panels.optimizer.strip_frame import StripFrame, least_height
from microgpt_studio.panels.optimizer.strip_painter import StripPainter
from microgpt_studio.panels.optimizer.strips import Strips
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.themed import ThemedWidget


class StripView(ThemedWidget):
    """Curves below each other. A click, or a drag, asks for an update.

    By keyboard: left and right move the crosshair (with Shift by ten), Home and End to the ends, Return asks for its
    update, Escape takes it away; the copy key takes all numbers of the update.
    """

    pointed = Signal(object)  # the update under the crosshair (int), or None
    sought = Signal(object)  # an update (int) to go to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strips = Strips()
        self.now = 0  # the present update
        self.crosshair: int | None = None
        self.symlog = False
        self._key: Hashable = None  # of the strips: equal ones are the same numbers
        self._picture: QPixmap | None = None  # of the curves
        self._frame: StripFrame | None = None
        self._asked: int | None = None  # the update that a drag has asked for last
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_strips(self, strips: Strips, now: int, key: Hashable = None) -> None:
        """Draw these; `now` is the present update. A key that is the same as before says that the strips are, too."""
        if key is not None and key == self._key:
            if now != self.now:
                self.now = now
                self.update()
            return
        self._key, self._picture, self._frame = key, None, None
        lines = [len(strip.curves) for strip in strips.strips]
        relaid = lines != [len(strip.curves) for strip in self.strips.strips]
        self.strips, self.now = strips, now
        if self.crosshair is not None and not strips.first < self.crosshair <= strips.known:
            self.point(None)
        if relaid:
            self._fit_height()
        self.update()

    @property
    def reading(self) -> int | None:
        """The update whose numbers are told: the one pointed at, or the nearest to the present one."""
        return self.strips.nearest(self.now) if self.crosshair is None else self.crosshair

    @property
    def frame(self) -> StripFrame:
        """Where all of it lies."""
        if self._frame is None:
            self._frame = StripFrame.fit(self.strips, self.width(), self.height(), current_theme(), symlog=self.symlog)
        return self._frame

    def set_symlog(self, on: bool) -> None:
        """Whether the axes of the values are symmetric-logarithmic."""
        self.symlog = on
        self._picture = self._frame = None
        self.update()

    def point(self, update: int | None) -> None:
        """Put the crosshair on an update, or take it away."""
        if update != self.crosshair:
            self.crosshair = update
            self.update()
            self.pointed.emit(update)

    def copy(self) -> None:
        """The numbers of the update that is read to the clipboard."""
        if self.reading is not None:
            QGuiApplication.clipboard().setText(self.strips.text_at(self.reading))

    def copy_table(self) -> None:
        """All numbers to the clipboard."""
        QGuiApplication.clipboard().setText(self.strips.table())

    def theme_changed(self) -> None:
        if hasattr(self, "_asked"):
            self._picture = self._frame = None
            self._fit_height()

    def _curves(self, frame: StripFrame) -> QPixmap:
        """Axes and curves as one picture: they are slow, and stay while the pointer moves."""
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            picture = QPixmap((self.size() * ratio).expandedTo(QSize(1, 1)))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            StripPainter(painter, frame, current_theme()).draw_curves(self.strips)
            painter.end()
            self._picture = picture
        return self._picture

    def _fit_height(self) -> None:
        self.setMinimumHeight(least_height(self.strips, max(self.width(), 100), current_theme()))

    def _seek(self, x: float) -> None:
        update = self.strips.nearest(self.frame.update_at(x))
        if update is not None and update != self._asked:
            self._asked = update
            self.sought.emit(update)

    def sizeHint(self) -> QSize:
        return QSize(320, max(self.minimumHeight(), 100))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture = self._frame = None
        self._fit_height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, frame = current_theme(), self.frame
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._curves(frame))
        StripPainter(painter, frame, theme).draw_marks(self.now, self.crosshair, self.reading)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        frame, x = self.frame, event.position().x()
        inside = frame.left - 2.0 <= x <= frame.right + 2.0
        self.point(self.strips.nearest(frame.update_at(x)) if inside else None)
        if event.buttons() & Qt.MouseButton.LeftButton and inside:
            self._seek(x)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        frame = self.frame
        if event.button() is Qt.MouseButton.LeftButton and frame.left - 2.0 <= event.position().x():
            self._asked = None
            self._seek(event.position().x())
        else:
            super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        reading = self.reading
        if reading is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Copy the numbers of update {reading}").setData("update")
        menu.addAction("Copy all updates as CSV").setData("table")
        menu.triggered.connect(self._copy_from_menu)
        menu.popup(event.globalPos())

    def _copy_from_menu(self, action: QAction) -> None:
        if action.data() == "table":
            self.copy_table()
        else:
            self.copy()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at, first, last = self.reading, self.strips.first + 1, self.strips.known
        by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif at is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            # From nowhere it first appears where the numbers are read.
            step = 0 if self.crosshair is None else (by if key == Qt.Key.Key_Right else -by)
            self.point(min(max(at + step, first), last))
        elif at is not None and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.point(first if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair is not None:
            self.sought.emit(self.crosshair)
        elif key == Qt.Key.Key_Escape and self.crosshair is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.pos().y()), self)
            return True
        return super().event(event)

    def tip(self, y: float) -> str:
        """What the strip at a line is, and its numbers of the update that is read, with every digit."""
        box = self.frame.box_at(y)
        if box is None:
            return ""
        meanings = [f"{curve.name}: {curve.meaning}" for curve in box.strip.curves if curve.meaning]
        if self.reading is None:
            return "\n".join(meanings)
        return "\n".join([*meanings, "", f"update {self.reading}", *box.strip.lines_at(self.reading)])
