"""The Source panel's tool bar: which file, the numbers of which position, and whether it follows the running line."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from microgpt_studio.debugger.source import FILES
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.tool_button import tool_button

_AT_CURSOR = "Position of the next operation"


class Toolbar(ThemedWidget):
    """Buttons in one row, or in two where it is narrow. It remembers what is chosen, and nothing of the code."""

    file_chosen = Signal(str)  # by hand
    position_chosen = Signal(object)  # int, or None: the cursor's
    follow_chosen = Signal(bool)
    numbers_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._position: int | None = None  # chosen by hand
        self._names: tuple[str, ...] = ()  # what the positions read
        self.files = QButtonGroup(self)
        tabs, tools = QWidget(self), QWidget(self)
        self._tabs, self._tools = self._row(tabs), self._row(tools)
        for i, file in enumerate(FILES):
            button = self._button(self._tabs, file.removesuffix(".py"), f"Show {file}")
            button.setCheckable(True)
            self.files.addButton(button, i)
        self._tabs.addStretch(1)
        self.files.button(0).setChecked(True)
        self.position = self._button(self._tools, "pos ▾", "The position whose numbers are shown")
        self.position.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.positions = QMenu(self.position)
        self.position.setMenu(self.positions)
        self.follow = self._button(self._tools, "", "Follow the line that runs")
        self.numbers = self._button(self._tools, "", "Show the numbers that the lines have made")
        for button in (self.follow, self.numbers):
            button.setCheckable(True)
            button.setChecked(True)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(8, 2, 8, 2)
        self._both.setSpacing(2)
        self._both.addWidget(tabs, 1)
        self._both.addWidget(tools, 0, Qt.AlignmentFlag.AlignRight)
        self.files.idClicked.connect(self._choose_file)
        self.positions.aboutToShow.connect(self._fill_positions)
        self.positions.triggered.connect(self._choose_position)
        self.follow.toggled.connect(self.follow_chosen)
        self.numbers.toggled.connect(self.numbers_chosen)
        self._draw_icons()
        self._reserve()

    @property
    def file(self) -> str:
        """The file that is chosen."""
        return FILES[self.files.checkedId()]

    def show_file(self, file: str) -> None:
        """Choose a file; emits nothing."""
        self.files.button(FILES.index(file)).setChecked(True)

    def show_position(self, shown: int | None, chosen: int | None) -> None:
        """The position whose numbers are shown, and the one chosen by hand."""
        self._position = chosen
        text = "pos –" if shown is None else f"pos {shown}"
        self.position.setText(f"{text} ▾")
        why = "chosen by hand" if chosen is not None else "that of the next operation, or else the last"
        self.position.setToolTip(f"The position whose numbers are shown: {why}")
        self.position.setAccessibleName(f"Position whose numbers are shown: {text}")

    def set_positions(self, names: Sequence[str]) -> None:
        """The positions that can be chosen: what each reads."""
        self._names = tuple(names)
        self._reserve()

    def _fill_positions(self) -> None:
        """What can be chosen, when it is asked for."""
        self.positions.clear()
        group = QActionGroup(self.positions)
        texts = [_AT_CURSOR, *(f"pos {position}   {name}" for position, name in enumerate(self._names))]
        for i, text in enumerate(texts):
            action = QAction(text, group)
            action.setCheckable(True)
            action.setData(i - 1)
            action.setChecked(i - 1 == (-1 if self._position is None else self._position))
            self.positions.addAction(action)

    def _reserve(self) -> None:
        """Room for the longest text of the button, so that another position does not lay out the window anew."""
        metrics = metrics_of(self.position.font())
        longest = metrics.horizontalAdvance(f"pos {'0' * max(2, len(str(len(self._names))))} ▾")
        hint = self.position.sizeHint()
        border = hint.width() - metrics.horizontalAdvance(self.position.text())
        self.position.setFixedSize(ceil(longest + border), hint.height())

    def theme_changed(self) -> None:
        if hasattr(self, "_both"):
            self._draw_icons()
            self._reserve()
            self._arrange()

    @staticmethod
    def _row(widget: QWidget) -> QHBoxLayout:
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        return row

    def _button(self, row: QHBoxLayout, text: str, explanation: str) -> QToolButton:
        button = tool_button(text, explanation, self)
        row.addWidget(button)
        return button

    def _choose_file(self, number: int) -> None:
        self.file_chosen.emit(FILES[number])

    def _choose_position(self, action: QAction) -> None:
        number = int(action.data())
        self.position_chosen.emit(None if number < 0 else number)

    def _draw_icons(self) -> None:
        theme = current_theme()
        side = theme.scaled(16)
        for button, name in ((self.follow, Icon.RUN_TO), (self.numbers, Icon.WATCH)):
            button.setIcon(icon(name, theme.palette))
            button.setIconSize(QSize(side, side))

    def _arrange(self) -> None:
        """In two rows where one is too narrow."""
        needed = self._tabs.sizeHint().width() + self._tools.sizeHint().width() + 2 * 8 + 2
        one = needed <= self.width()
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if one else QBoxLayout.Direction.TopToBottom)

    def minimumSizeHint(self) -> QSize:
        width = max(self._tabs.minimumSize().width(), self._tools.minimumSize().width())
        return QSize(width + 16, self._both.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
