"""The Scalars panel: a table of all scalars of a scope with their numbers, to be sorted, filtered and taken along."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from microgpt.whole_file import write_whole
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.scalar_rows import Order, Rows
from microgpt_studio.debugger.search_completion import Completer, Completion
from microgpt_studio.debugger.search_names import Names, understood
from microgpt_studio.debugger.search_query import Query, QueryError
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.scalars.csv_text import csv_text
from microgpt_studio.panels.scalars.rows_table import RowsTable
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState, use_number_font
from microgpt_studio.widgets.address_completer import AddressCompleter
from microgpt_studio.widgets.sentence import Sentence

_PAUSE = 250  # milliseconds without a key, after which the line is read
_PLACEHOLDER = "scope:layer0.attn_wq, op:mul, |grad|>0.01, …; empty for all"


class ScalarsPanel(Panel):
    """A line that says which scalars, and the table of them."""

    name: ClassVar[str] = "scalars"
    title: ClassVar[str] = "Scalars"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Names | None = None
        self._completer: Completer | None = None
        self._asked = Rows(Query())
        self.field = QLineEdit()
        self.completer = AddressCompleter(self.field, self._complete)
        self.of_selection = QToolButton()
        self.export = QToolButton()
        self.sentence = Sentence()
        self.table = RowsTable()
        self.empty_state = EmptyState("No session yet. Every scalar is listed when a program has been recorded.")
        self._pause = QTimer(self)
        self._arrange()
        self._connect()
        self._enable(False)

    def _arrange(self) -> None:
        self.field.setPlaceholderText(_PLACEHOLDER)
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("which scalars")
        use_number_font(self.field)
        self.of_selection.setText("of selection")
        self.of_selection.setToolTip("The scalars of the tensor that the selected one belongs to")
        self.export.setText("CSV…")
        self.export.setToolTip("Save the rows, in this order, with every digit")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty_state)
        self._stack.addWidget(self.table)
        line = QHBoxLayout()
        line.setContentsMargins(8, 8, 8, 0)
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        line.addWidget(self.of_selection)
        line.addWidget(self.export)
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 8, 0)
        below.addWidget(self.sentence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addLayout(below)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._read)
        self.field.textChanged.connect(self._wait)
        self.field.returnPressed.connect(self._read)
        self.of_selection.clicked.connect(self._take_scope)
        self.export.clicked.connect(self._export)
        self.table.chosen.connect(self.selected)
        self.table.sorted.connect(self._sort)

    @property
    def asked(self) -> Rows:
        """Which rows are asked for."""
        return self._asked

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self._names is None else (self._asked,)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._names = Names(description.addresses)
        self._completer = Completer(self._names)
        self.table.rows.begin(description.program, description.addresses.format)
        self._enable(True)
        self._read()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        rows = snapshot.answer(self._asked)
        if rows is not None and rows is not self.table.rows.rows:
            self.table.show_rows(rows, self.selection)
            self._tell()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self.of_selection.setEnabled(scalar is not None and self._names is not None)
        self.table.show_selection(scalar)

    def list_rows(self, line: str) -> None:
        """List what a line says, at once."""
        self.field.setText(line)
        self._read()

    def _complete(self, line: str, column: int) -> Completion:
        return Completion(0, 0) if self._completer is None else self._completer.complete(line, column)

    def _wait(self) -> None:
        self._pause.start()

    def _read(self) -> None:
        """Understand the line; what cannot be understood is said, and the rows stay."""
        self._pause.stop()
        if self._names is None:
            return
        try:
            query = understood(self.field.text(), self._names)
        except QueryError as error:
            self.sentence.say(f"{error} (column {error.column + 1})", error=True)
            return
        self._ask(Rows(query, self._asked.order, self._asked.descending))
        self._tell()

    def _ask(self, rows: Rows) -> None:
        if rows != self._asked:
            self._asked = rows
            self.wishes_changed.emit()

    def _sort(self, order: Order, descending: bool) -> None:
        self._ask(Rows(self._asked.query, order, descending))

    def _take_scope(self) -> None:
        if self.selection is not None and self.description is not None:
            program = self.description.program
            self.list_rows(f"scope:{program.tensors[program.tensor[self.selection]].path}")

    def _tell(self) -> None:
        rows = self.table.rows.rows
        if rows is None:
            self.sentence.say("")
            return
        many = len(rows.ids)
        sentence = rows.reason or f"{many:,} scalar{'' if many == 1 else 's'}"
        if self.snapshot is not None and not rows.reason:
            moment = self.snapshot.moment
            sentence += f" · update {moment.update} · “{moment.document}”"
        self.sentence.say(sentence)
        self.export.setEnabled(many > 0)

    def _enable(self, there_is_a_session: bool) -> None:
        for widget in (self.field, self.of_selection, self.export):
            widget.setEnabled(there_is_a_session)
        self._stack.setCurrentWidget(self.table if there_is_a_session else self.empty_state)

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the rows", "scalars.csv", "Comma-separated values (*.csv)")
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write the rows to a file, and say so, or why it cannot be written."""
        rows = self.table.rows
        if rows.rows is None:
            return
        try:
            write_whole(path, csv_text(rows).encode())
        except OSError as error:
            self.sentence.say(f"{path} cannot be written: {error.strerror or error}; name another file", error=True)
        else:
            self.sentence.say(f"{len(rows.rows.ids):,} rows saved to {path}")

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(690), theme.scaled(390))
