"""The Inspector: one scalar, what it was made from, and which contributions made its gradient."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSignalBlocker, QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from microgpt.program.addresses import AddressError
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.scratch import When
from microgpt_studio.debugger.snapshot import Description, Explanation, Moment, Reach, Snapshot
from microgpt_studio.panels.inspector import check_section, contribution_rows, what_if_section
from microgpt_studio.panels.inspector.check_section import CheckSection
from microgpt_studio.panels.inspector.contribution_section import ContributionSection
from microgpt_studio.panels.inspector.history import History
from microgpt_studio.panels.inspector.page import explained_page, waiting_page
from microgpt_studio.panels.inspector.sheet import Sheet
from microgpt_studio.panels.inspector.what_if_section import WhatIfSection
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets import EmptyState

EMPTY = "Select a scalar anywhere: its numbers appear here."
_THEME_EVENTS = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)


class AddressEdit(QLineEdit):
    """A line for an address; the escape key asks for the old one."""

    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class InspectorPanel(Panel):
    """An address to type into, a way back and forth, and the sheet of the selected scalar."""

    name = "inspector"
    title = "Inspector"
    parts = Part.EXPLANATION

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = History()
        self.back_button = self._button("Back", "Alt+Left", self.go_back)
        self.forward_button = self._button("Forward", "Alt+Right", self.go_forward)
        self.copy_button = self._button("Copy the address", "", self.copy_address)
        self.address_edit = AddressEdit()
        self.address_edit.setPlaceholderText("Address, as pos3.layer0.attn.q[5]")
        self.address_edit.setAccessibleName("Address of a scalar")
        self.address_edit.returnPressed.connect(self._go_to_typed)
        self.address_edit.textEdited.connect(self._clear_error)
        self.address_edit.escaped.connect(self._show_address)
        self._completions = QStringListModel(self)
        self.address_edit.setCompleter(self._completer())
        self.error_label = QLabel()
        self.error_label.setWordWrap(True)
        self.error_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error_label.hide()
        self.sheet = Sheet()
        self.sheet.walked.connect(self.selected)
        self.sheet.folded.connect(self._fold)
        self.check = CheckSection(self)
        self.what_if = WhatIfSection(self)
        self.contributions = ContributionSection(self)
        self.sheet.add_form(check_section.SECTION, self.check.form)
        self.sheet.add_form(what_if_section.SECTION, self.what_if.form)
        self.sheet.add_form(contribution_rows.SECTION, self.contributions.form)
        for section in (self.check, self.what_if, self.contributions):
            section.changed.connect(self._refresh)
        for asking in (self.check, self.what_if):
            asking.wishes_changed.connect(self.wishes_changed)
            asking.form.resized.connect(self.sheet.refit_forms)
        self.what_if.commanded.connect(self.commanded)
        self.sheet.menu_actions = [
            self._action("Copy why as text", "Ctrl+Shift+C", self.contributions.copy_text),
            self._action("Copy why as LaTeX", "Ctrl+Shift+X", self.contributions.copy_latex),
        ]
        menu = QMenu(self)
        menu.addActions(self.sheet.menu_actions)
        self.contributions.form.set_menu(menu)
        self.empty_state = EmptyState(EMPTY)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty_state)
        self._stack.addWidget(self.sheet)
        self._lay_out()
        self._dress()
        self._show_history()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (*self.check.inquiries(), *self.what_if.inquiries())

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.check.show_session(description)
        self.what_if.show_session(description)
        self.history = History()
        program = description.program
        elements = [int(program.elements(tensor)[0]) for tensor in program.tensors if tensor.size]
        self._completions.setStringList([description.addresses.format(element) for element in elements])
        self._show_history()
        self._show_address()
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        self.check.take(snapshot)
        self.what_if.take(snapshot)
        page = self.sheet.page
        if self._explanation() is not None and (page is None or not page.complete):
            self._refresh()

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        self._refresh()

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if scalar is not None:
            self.history.visit(scalar)
        self._show_history()
        if changed:
            self.check.show_selection(scalar)
            self.what_if.show_selection(scalar)
            self._show_address()
            self._refresh()

    def go_back(self) -> None:
        """Select the scalar that was looked at before this one."""
        self._go(self.history.go_back())

    def go_forward(self) -> None:
        """Select the scalar that was looked at after this one."""
        self._go(self.history.go_forward())

    def copy_address(self) -> None:
        """Put the selected scalar's address on the clipboard."""
        if self.selection is not None and self.description is not None:
            QGuiApplication.clipboard().setText(self.description.addresses.format(self.selection))

    def _go(self, scalar: int | None) -> None:
        if scalar is not None:
            self.selected.emit(scalar)
        self._show_history()

    def _go_to_typed(self) -> None:
        if self.description is None:
            return
        try:
            scalar = self.description.addresses.parse(self.address_edit.text())
        except AddressError as error:
            self.error_label.setText(f"{error}.".replace("?.", "?"))
            self.error_label.show()
            return
        self._clear_error()
        self.selected.emit(scalar)
        self._show_address()

    def _clear_error(self) -> None:
        self.error_label.hide()
        self.error_label.clear()

    def _explanation(self) -> Explanation | None:
        """The latest one, unless it is about another scalar than the selected."""
        explanation = self.snapshot.explanation if self.snapshot else None
        return explanation if explanation is not None and explanation.scalar == self.selection else None

    def _show_address(self) -> None:
        text = ""
        if self.selection is not None and self.description is not None:
            text = self.description.addresses.format(self.selection)
        with QSignalBlocker(self.address_edit):
            self.address_edit.setText(text)
            self.address_edit.setToolTip(text)
        if not self.address_edit.hasFocus():
            self.address_edit.setCursorPosition(0)
        self._clear_error()

    def _show_history(self) -> None:
        self.back_button.setEnabled(self.history.previous is not None)
        self.forward_button.setEnabled(self.history.next is not None)
        self.copy_button.setEnabled(self.selection is not None)

    def _refresh(self) -> None:
        if self.selection is None or self.description is None:
            self.sheet.set_page(None)
            self._stack.setCurrentWidget(self.empty_state)
            return
        if not self.isVisible():
            return
        explanation = self._explanation()
        if explanation is None or self.snapshot is None:
            self.sheet.set_page(waiting_page(self.selection, self.description.addresses.format(self.selection)))
        else:
            self._show_explanation(explanation, self.description, self.snapshot.moment)
        self._stack.setCurrentWidget(self.sheet)

    def _show_explanation(self, explanation: Explanation, description: Description, moment: Moment) -> None:
        now = When(moment.update, moment.document)
        self.contributions.show(explanation, description, moment)
        if explanation.live and explanation.data_reach is Reach.KNOWN:
            self.what_if.see(explanation.data)
        sections = [*self.check.rows(now), *self.what_if.rows(now)] if explanation.live else []
        self.sheet.set_page(explained_page(explanation, description, moment, sections, self.contributions.view))

    def _fold(self, fold: str) -> None:
        section = fold.partition(".")[0]
        if section == check_section.SECTION:
            self.check.toggle(fold)
        elif section == what_if_section.SECTION:
            self.what_if.toggle()
        else:
            self.contributions.toggle(fold)

    def _completer(self) -> QCompleter:
        completer = QCompleter(self._completions, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(12)
        return completer

    def _button(self, text: str, keys: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(text)
        button.setToolTip(f"{text} ({keys})" if keys else text)
        button.clicked.connect(slot)
        if keys:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)
        return button

    def _action(self, text: str, keys: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 8, 8, 0)
        bar.setSpacing(4)
        bar.addWidget(self.back_button)
        bar.addWidget(self.forward_button)
        bar.addWidget(self.address_edit, 1)
        bar.addWidget(self.copy_button)
        message = QHBoxLayout()
        message.setContentsMargins(8, 4, 8, 0)
        message.addWidget(self.error_label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(message)
        column.addWidget(self._stack, 1)

    def _dress(self) -> None:
        theme = current_theme()
        self.back_button.setIcon(icon(Icon.BACK, theme.palette))
        self.forward_button.setIcon(icon(Icon.ARROW, theme.palette))
        self.copy_button.setIcon(icon(Icon.COPY, theme.palette))
        self.contributions.form.dress()
        self.address_edit.setFont(theme.number_font())
        self.error_label.setStyleSheet(f"color: {theme.palette.error};")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and hasattr(self, "_stack"):
            self._dress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
