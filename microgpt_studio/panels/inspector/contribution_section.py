"""Why a gradient is this number, in the inspector: one after the other or in groups, and copied as a whole."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QMenu, QToolButton, QWidget

from microgpt_studio.debugger.contribution_groups import Grouping
from microgpt_studio.debugger.snapshot import Description, Explanation, Moment
from microgpt_studio.panels.inspector.contribution_rows import SECTION, View
from microgpt_studio.panels.inspector.copying import as_latex, as_text
from microgpt_studio.panels.inspector.form import SheetForm
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.tool_button import tool_button

_GROUPINGS: tuple[Grouping | None, ...] = (None, *Grouping)
_NAMES = {
    None: "In order",
    Grouping.POSITION: "Position",
    Grouping.CONSUMER: "Tensor",
    Grouping.CHARACTER: "Character",
}
_TIPS = {
    None: "Every contribution, in the order in which it was added",
    Grouping.POSITION: "Together what comes from one position",
    Grouping.CONSUMER: "Together what comes through one consumer: a tensor, at all positions",
    Grouping.CHARACTER: "Together what comes from the positions that read the same character",
}


class ContributionForm(SheetForm):
    """Buttons: one of them is down."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        flow = FlowLayout(self, across=2)
        self._groupings = QButtonGroup(self)
        for i, grouping in enumerate(_GROUPINGS):
            button = self._button(flow, _NAMES[grouping], _TIPS[grouping])
            button.setCheckable(True)
            self._groupings.addButton(button, i)
        self._groupings.buttons()[0].setChecked(True)
        self._groupings.idClicked.connect(self._choose)
        self.copy_button = self._button(flow, "Copy all", "Copy all of it, as text or as LaTeX, with every digit")
        self.copy_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.dress()

    def set_menu(self, menu: QMenu) -> None:
        """The ways to copy."""
        self.copy_button.setMenu(menu)

    def dress(self) -> None:
        """The icon in the colours of the theme."""
        self.copy_button.setIcon(icon(Icon.COPY, current_theme().palette))
        self.copy_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    @property
    def grouping(self) -> Grouping | None:
        """What contributions are to be put together by."""
        return _GROUPINGS[self._groupings.checkedId()]

    def button(self, grouping: Grouping | None) -> QToolButton:
        """The button of a grouping."""
        button = self._groupings.button(_GROUPINGS.index(grouping))
        assert isinstance(button, QToolButton)
        return button

    def _button(self, flow: FlowLayout, name: str, tip: str) -> QToolButton:
        button = tool_button(name, tip, self)
        flow.addWidget(button)
        return button

    def _choose(self, _number: int) -> None:
        self.chosen.emit()


class ContributionSection(QObject):
    """Remembers how contributions are looked at, whichever scalar's they are."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.form = ContributionForm()
        self._is_open = True
        self._opened: frozenset[str] = frozenset()
        self._shown: tuple[Explanation, Description, Moment] | None = None
        self.form.chosen.connect(self.changed)

    @property
    def view(self) -> View:
        """How contributions are looked at."""
        return View(self._is_open, self.form.grouping, self._opened, SECTION)

    def show(self, explanation: Explanation | None, description: Description, moment: Moment) -> None:
        """What would be copied; None where there is nothing."""
        self._shown = (explanation, description, moment) if explanation is not None else None

    def toggle(self, fold: str) -> None:
        """Open or fold the section, or a group."""
        if fold == SECTION:
            self._is_open = not self._is_open
        else:
            self._opened ^= {fold}
        self.changed.emit()

    def copy_text(self) -> None:
        """Put all contributions on the clipboard, as text."""
        if self._shown is not None:
            QGuiApplication.clipboard().setText(as_text(*self._shown, self.form.grouping))

    def copy_latex(self) -> None:
        """Put all contributions on the clipboard, as a formula."""
        if self._shown is not None:
            QGuiApplication.clipboard().setText(as_latex(self._shown[0]))
