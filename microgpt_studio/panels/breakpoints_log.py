"""What logpoints have written: the latest lines, each a way back to its moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from microgpt_studio.debugger.stop import LogLine
from microgpt_studio.panels.breakpoints_row import Index
from microgpt_studio.panels.breakpoints_sentence import Sentence
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import EmptyState

LONGEST = 2000  # lines
_FLUSH = 100  # milliseconds: a run may write at every update
_WIDE = 420  # pixels at text scale 1, from which on the lines tell where their breakpoint is
_COLUMNS = ("Update", "At", "Text")
_ROOT = QModelIndex()
_EMPTY = "A breakpoint that writes a message does not stop: its lines come here."
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}


class LogModel(QAbstractTableModel):
    """The lines, oldest first; at most LONGEST."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[LogLine] = []
        self.places: Mapping[int, str] = {}  # where each breakpoint is, by id

    def append(self, lines: Sequence[LogLine]) -> None:
        """More lines; the oldest make room."""
        lines = lines[-LONGEST:]
        surplus = min(max(len(self.lines) + len(lines) - LONGEST, 0), len(self.lines))
        if surplus:
            self.beginRemoveRows(_ROOT, 0, surplus - 1)
            del self.lines[:surplus]
            self.endRemoveRows()
        if lines:
            first = len(self.lines)
            self.beginInsertRows(_ROOT, first, first + len(lines) - 1)
            self.lines += lines
            self.endInsertRows()

    def clear(self) -> None:
        """No lines."""
        self.beginResetModel()
        self.lines.clear()
        self.endResetModel()

    def texts(self, row: int) -> tuple[str, str, str]:
        """A line, column by column."""
        line = self.lines[row]
        return f"{line.place.updates + 1:,}", self.places.get(line.breakpoint, ""), line.text

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        update, place, text = self.texts(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (update, place, text)[index.column()]
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                done = self.lines[index.row()].place.done
                at = f", {place}" if place else ""
                return f"{text}\nupdate {update}, after {done:,} of its operations{at}\nClick to go there."
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case Qt.ItemDataRole.FontRole:
                return current_theme().number_font(SMALL)
            case Qt.ItemDataRole.ForegroundRole if index.column() < 2:
                return QColor(current_theme().palette.muted)
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        horizontal = Qt.AlignmentFlag.AlignLeft if column else Qt.AlignmentFlag.AlignRight
        return horizontal | Qt.AlignmentFlag.AlignVCenter


class LogView(QTableView):
    """The lines as a table; a click, or Enter, chooses one."""

    chosen = Signal(object)  # LogLine

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.log = LogModel(self)
        self.setModel(self.log)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName("Log of breakpoints")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMinimumSize(1, 1)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(1)
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.go_action = self._action("Go to this moment", self._choose, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        self.copy_action = self._action("Copy", self.copy_selected, QKeySequence.StandardKey.Copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.fit()

    def copy_selected(self) -> None:
        """Put the selected lines on the clipboard, columns apart by tabs."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if rows:
            QGuiApplication.clipboard().setText("\n".join("\t".join(self.log.texts(row)) for row in rows))

    def fit(self) -> None:
        """Make columns and lines as large as their texts."""
        theme = current_theme()
        metrics = metrics_of(theme.number_font(SMALL))
        self.verticalHeader().setDefaultSectionSize(round(metrics.height()) + 4)
        header = self.horizontalHeader()
        longest = max(
            (len(self.log.texts(row)[0]) for row in (0, len(self.log.lines) - 1) if self.log.lines), default=0
        )
        update = max(
            round(metrics.horizontalAdvance("0") * longest) + 16, header.sectionSizeFromContents(0).width() + 8
        )
        self.setColumnWidth(0, update)
        self.setColumnHidden(1, self.viewport().width() < theme.scaled(_WIDE))
        widest = max((metrics.horizontalAdvance(place) for place in self.log.places.values()), default=0.0)
        place = max(round(widest) + 16, header.sectionSizeFromContents(1).width())
        self.setColumnWidth(1, min(place, self.viewport().width() // 3))

    def _action(self, text: str, slot: Any, *keys: Any) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _choose(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.chosen.emit(self.log.lines[index.row()])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier and event.button() is Qt.MouseButton.LeftButton
        index = self.indexAt(event.position().toPoint())
        if (
            is_plain and index.isValid() and len(self.selectionModel().selectedRows()) == 1
        ):  # else lines are being marked
            self.chosen.emit(self.log.lines[index.row()])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and hasattr(self, "log"):
            self.fit()


class LogPage(QWidget):
    """The log, and how much of it is not kept. It is filled now and then, however fast lines come."""

    grown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lost = 0  # lines that are not kept
        self._waiting: deque[LogLine] = deque(maxlen=LONGEST)
        self.view = LogView()
        self.note = Sentence()
        self._empty = EmptyState(_EMPTY)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        beside = QVBoxLayout()
        beside.setContentsMargins(8, 0, 8, 0)
        beside.addWidget(self.note)
        column.addLayout(beside)
        column.addWidget(self.view, 1)
        column.addWidget(self._empty, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FLUSH)
        self._timer.timeout.connect(self.flush)
        self._show_state()

    @property
    def count(self) -> int:
        """Lines that were written, also those that are not kept."""
        return self.lost + len(self.view.log.lines) + len(self._waiting)

    def append(self, lines: Sequence[LogLine], lost: int) -> None:
        """More lines, and how many were lost before these."""
        written = lost + len(lines)
        before = len(self._waiting)
        self._waiting.extend(lines)
        self.lost += written - (len(self._waiting) - before)
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Forget all lines."""
        self._timer.stop()
        self._waiting.clear()
        self.lost = 0
        self.view.log.clear()
        self._show_state()
        self.grown.emit()

    def name_places(self, places: Mapping[int, str]) -> None:
        """Where breakpoints are, by id; one that is gone keeps its name."""
        known = {**self.view.log.places, **places}
        if known != self.view.log.places:
            self.view.log.places = known
            self.view.fit()

    def flush(self) -> None:
        """Show what has come."""
        log, bar = self.view.log, self.view.verticalScrollBar()
        lines = tuple(self._waiting)
        self._waiting.clear()
        follows = bar.value() >= bar.maximum()
        before = len(log.lines)
        log.append(lines)
        self.lost += before + len(lines) - len(log.lines)
        self.view.fit()
        self._show_state()
        if follows:
            self.view.scrollToBottom()
        self.grown.emit()

    def _show_state(self) -> None:
        is_empty = not self.view.log.lines
        self._empty.setVisible(is_empty)
        self.view.setVisible(not is_empty)
        plural = "line is" if self.lost == 1 else "lines are"
        self.note.say(f"{self.lost:,} earlier {plural} not kept." if self.lost else "")
