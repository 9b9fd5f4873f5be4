"""The list of probes: text, the curve of its mean loss, and that loss now; keys and menu to change and remove one."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from microgpt_studio.panels.probe.curve import draw_curve
from microgpt_studio.panels.probe.list_model import PROBE_ROLE, Index, ProbesModel, copied_text
from microgpt_studio.panels.probe.probes import KeptProbe
from microgpt_studio.panels.probe.words import EMPTY
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.number_text import fitted

_SIZE = 12  # of a text, at text scale 1
_MARGIN = 8.0
_GAP = 8.0
_CURVE = 64  # pixels at text scale 1
_ABOVE = ("mean loss at each shown update", "mean loss, each shown", "mean loss")
_FIGURES = 6  # characters of a loss
_EDITING = {Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ProbesList(QListView):
    """One row a probe. Enter, F2 or a double click wants it changed, Delete wants it removed."""

    turned = Signal()  # another row is the current one, or none
    edit_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, model: ProbesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("probes")
        self.doubleClicked.connect(self.edit_wanted)

    @property
    def row(self) -> int | None:
        """The current row."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def turn_to(self, row: int) -> None:
        """Make a row the current one."""
        self.setCurrentIndex(self.model().index(row, 0))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802
        super().selectionChanged(selected, deselected)
        self.turned.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _EDITING and self.row is not None:
            self.edit_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.row is not None:
            self.remove_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy) and self.row is not None:
            QGuiApplication.clipboard().setText(copied_text(self.currentIndex().data(PROBE_ROLE)))
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(200), theme.scaled(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(120), 2 * _row_height(current_theme()))


class ListHeader(ThemedWidget):
    """What the columns of the list are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setToolTip("The curve has a point for each update that was shown while this panel was visible.")

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(120), round(2 * metrics_of(theme.text_font(SMALL)).height()) + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        line = metrics_of(painter.font()).height()
        rect = QRectF(0.0, self.height() - line - 2.0, self.width(), line)
        figure = _columns(rect, theme)[2]
        painter.drawText(rect.adjusted(_MARGIN, 0.0, 0.0, 0.0), _LEFT, "probe")
        painter.drawText(QRectF(0.0, rect.top(), figure.right(), line), _RIGHT, "nats")
        above, metrics = QRectF(0.0, rect.top() - line, figure.right(), line), metrics_of(painter.font())
        fits = [text for text in _ABOVE if metrics.horizontalAdvance(text) + _MARGIN < above.width()]
        painter.drawText(above, _RIGHT, fits[0] if fits else "")
        painter.setPen(QPen(QColor(theme.palette.border), 1.0))
        painter.drawLine(QRectF(self.rect()).bottomLeft(), QRectF(self.rect()).bottomRight())


class _Delegate(QStyledItemDelegate):
    """Paints a row in one go."""

    def __init__(self, parent: ProbesList) -> None:
        super().__init__(parent)
        self._places: tuple[tuple[Theme, float, float], tuple[QRectF, QRectF, QRectF]] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        probe: KeptProbe = index.data(PROBE_ROLE)
        theme, rect = current_theme(), QRectF(option.rect)
        palette = theme.palette
        text, curve, figure = (place.translated(0.0, rect.top()) for place in self._columns(rect, theme))
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(palette.selected))
        painter.setFont(theme.number_font(_SIZE))
        painter.setPen(QColor(palette.text if probe.text else palette.muted))
        metrics, shown = metrics_of(painter.font()), probe.text or EMPTY
        painter.drawText(text, _LEFT, metrics.elidedText(shown, Qt.TextElideMode.ElideRight, text.width()))
        latest = probe.latest
        painter.setPen(QColor(palette.text))
        if latest is not None and latest.numbers is not None:
            draw_curve(painter, curve, *probe.curve(), latest.updates, palette)
            painter.drawText(figure, _RIGHT, fitted(latest.numbers.loss, _FIGURES))
        elif latest is not None:
            painter.setPen(QColor(palette.error))
            painter.drawText(figure, _RIGHT, "⚠")
        else:
            painter.setPen(QColor(palette.muted))
            painter.drawText(figure, _RIGHT, "…")
        if probe.pinned is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.muted))
            painter.drawRect(QRectF(rect.left() + 2.0, rect.center().y() - 3.0, 3.0, 6.0))
        painter.restore()

    def _columns(self, rect: QRectF, theme: Theme) -> tuple[QRectF, QRectF, QRectF]:
        """Those of a row at the top; the same for all rows."""
        key = theme, rect.width(), rect.height()
        if self._places is None or self._places[0] != key:
            self._places = key, _columns(QRectF(0.0, 0.0, rect.width(), rect.height()), theme)
        return self._places[1]

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(current_theme().scaled(120), _row_height(current_theme()))


def _row_height(theme: Theme) -> int:
    return round(metrics_of(theme.number_font(_SIZE)).height()) + 8


def _columns(rect: QRectF, theme: Theme) -> tuple[QRectF, QRectF, QRectF]:
    """Text, curve and figure of a row."""
    wide = _FIGURES * metrics_of(theme.number_font(_SIZE)).horizontalAdvance("0") + 1.0
    figure = QRectF(rect.right() - _MARGIN - wide, rect.top(), wide, rect.height())
    length = min(theme.scaled(_CURVE), rect.width() * 0.3)
    curve = QRectF(figure.left() - _GAP - length, rect.top() + 3.0, length, rect.height() - 6.0)
    left = rect.left() + _MARGIN
    return QRectF(left, rect.top(), max(curve.left() - _GAP - left, 0.0), rect.height()), curve, figure
