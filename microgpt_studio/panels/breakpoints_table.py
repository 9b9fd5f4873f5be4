"""The table of breakpoints: rows by id, changed in place, so that selection and scrolling stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from microgpt_studio.debugger.snapshot import BreakpointRow
from microgpt_studio.panels.breakpoints_row import ROW_ROLE, STOPPED_ROLE, Index, RowDelegate, check_box
from microgpt_studio.panels.breakpoints_words import details, headline
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.row_table import RowTable

_COLUMNS = ("Break when", "Hits")
_ROOT = QModelIndex()


class BreakpointModel(QAbstractTableModel):
    """The rows of the latest snapshot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[BreakpointRow] = []
        self.stopped: int | None = None  # the id of the breakpoint because of which the run stands

    def show_rows(self, rows: Sequence[BreakpointRow], stopped: int | None) -> bool:
        """Show these; returns whether any text is another one, apart from hits."""
        before = self.rows
        kept = {row.id for row in rows}
        for i in range(len(before) - 1, -1, -1):
            if before[i].id not in kept:
                self.beginRemoveRows(_ROOT, i, i)
                del self.rows[i]
                self.endRemoveRows()
        relaid = False
        for i, row in enumerate(rows):
            if i == len(self.rows) or self.rows[i].id != row.id:
                self.beginInsertRows(_ROOT, i, i)
                self.rows.insert(i, row)
                self.endInsertRows()
                relaid = True
                continue
            old, self.rows[i] = self.rows[i], row
            if _text(old) != _text(row):
                relaid = True
            if _text(old) != _text(row) or old.hits != row.hits or (row.id in (stopped, self.stopped)):
                self.dataChanged.emit(self.index(i, 0), self.index(i, 1))
        self.stopped = stopped
        return relaid

    def find(self, number: int) -> QModelIndex:
        """The row of an id; invalid where there is none."""
        for i, row in enumerate(self.rows):
            if row.id == number:
                return self.index(i, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | (
                Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            )
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{row.hits:,}" if index.column() else headline(row.definition)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(row, row.id == self.stopped)
            case Qt.ItemDataRole.CheckStateRole if index.column() == 0:
                return Qt.CheckState.Checked if row.enabled else Qt.CheckState.Unchecked
            case _ if role == ROW_ROLE:
                return row
            case _ if role == STOPPED_ROLE:
                return row.id == self.stopped
        return None


def _text(row: BreakpointRow) -> tuple[object, ...]:
    return row.definition, row.enabled, row.problem


def _spoken(row: BreakpointRow, stopped: bool) -> str:
    """A row in full, line by line."""
    hits = "hit once" if row.hits == 1 else f"hit {row.hits:,} times"
    lines = [
        f"Breakpoint {row.id}: {headline(row.definition)}",
        *details(row.definition),
        hits if row.enabled else f"off; {hits}",
    ]
    if row.problem is not None:
        lines.append(f"⚠ it means nothing in this session: {row.problem}")
    if stopped:
        lines.append("the run stands here because of it")
    return "\n".join(lines)


class BreakpointTable(RowTable):
    """Shows breakpoints; asks for what a person wants done with one, and does nothing to them itself."""

    edit_wanted = Signal(object)  # BreakpointRow
    remove_wanted = Signal(object)  # BreakpointRow
    enable_wanted = Signal(object, bool)  # BreakpointRow, and whether it is to be on

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = BreakpointModel(self)
        self._delegate = RowDelegate(self)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Breakpoints")
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        key = Qt.Key
        self.edit_action = self._action("Edit…", self._edit, key.Key_Return, key.Key_Enter, key.Key_F2)
        self.enable_action = self._action("Turn on or off", self._toggle, key.Key_Space)
        self.remove_action = self._action("Remove", self._remove, key.Key_Delete, key.Key_Backspace)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.doubleClicked.connect(self._edit_clicked)
        self.begin()

    def show_rows(self, rows: Sequence[BreakpointRow], stopped: int | None) -> None:
        """Show these breakpoints, and which of them the run stands at."""
        if self.rows.show_rows(rows, stopped) or self.columnWidth(1) < self._hits_width():
            self.fit()

    @property
    def current(self) -> BreakpointRow | None:
        """The selected breakpoint."""
        index = self.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() else None

    def select(self, number: int) -> None:
        """Select the breakpoint with an id, if it is there."""
        index = self.rows.find(number)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def _action(self, text: str, slot: Any, *keys: Qt.Key) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _edit(self) -> None:
        if self.current is not None:
            self.edit_wanted.emit(self.current)

    def _toggle(self) -> None:
        if self.current is not None:
            self.enable_wanted.emit(self.current, not self.current.enabled)

    def _remove(self) -> None:
        if self.current is not None:
            self.remove_wanted.emit(self.current)

    def _edit_clicked(self, index: QModelIndex) -> None:
        self.edit_wanted.emit(self.rows.rows[index.row()])

    def _box_at(self, point: QPoint) -> BreakpointRow | None:
        """The breakpoint whose check box is there, or right beside there."""
        index = self.indexAt(point)
        if not index.isValid() or index.column():
            return None
        near = check_box(self.visualRect(index)).adjusted(-6, -4, 2, 4)
        return self.rows.rows[index.row()] if near.contains(point) else None

    def _hits_width(self) -> int:
        theme = current_theme()
        longest = max((len(f"{row.hits:,}") for row in self.rows.rows), default=0)
        digits = metrics_of(theme.number_font()).horizontalAdvance("0") * longest
        header = self.horizontalHeader().sectionSizeFromContents(1).width()
        return max(round(digits) + 16, header)

    def fit(self) -> None:
        """Make columns and rows as large as their texts."""
        self.setColumnWidth(1, self._hits_width())
        width = max(self.viewport().width() - self.columnWidth(1), 1)
        for i, row in enumerate(self.rows.rows):
            self.setRowHeight(i, self._delegate.height(row, width))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        row = self._box_at(event.position().toPoint())
        if row is not None and event.button() is Qt.MouseButton.LeftButton:
            self.enable_wanted.emit(row, not row.enabled)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._box_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)
