"""The keys dialog: every command with its keys, which can be changed, and a sentence where a key is not free.

What is changed is a copy; the commands have the new keys when the person says OK.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.theme.application import current_theme
from microgpt_studio.widgets import use_number_font
from microgpt_studio.window.keys import KeyMap, KeyTaken, joined, title
from microgpt_studio.window.keys_reserved import warning
from microgpt_studio.window.keys_table import KeysTable

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_FIELDS = ("Key", "Second key")


class KeysDialog(QDialog):
    """Changes a KeyMap; `changed` says that it did, so that the actions have to be given their keys again."""

    changed = Signal()

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._kept = keys
        self._keys = keys.copy()
        self._name = ""  # of the chosen command
        self._refused: Sequence[str] = ()  # the keys that the command would have, one of which is taken
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter by command or key")
        self._filter.setAccessibleName("Filter by command or key")
        self._filter.setClearButtonEnabled(True)
        self._table = KeysTable(self._keys)
        self._command = QLabel()
        self._command.setWordWrap(True)
        self._fields = tuple(_key_field(name) for name in _FIELDS)
        self._none, self._default = QPushButton("None"), QPushButton("Default")
        self._verdict = QLabel()
        self._verdict.setObjectName("verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._take, self._leave = QPushButton("Take it from there"), QPushButton("Leave it there")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._all = self._buttons.addButton("All defaults", QDialogButtonBox.ButtonRole.ResetRole)
        for button in self._buttons.buttons():
            button.setIcon(QIcon())  # some desktops add one
        self._lay_out()
        self._connect()
        self.choose(next(iter(self._keys.rows)))
        self._dress()
        theme = current_theme()
        self.resize(QSize(theme.scaled(560), theme.scaled(600)).boundedTo(self.screen().availableSize()))
        self._filter.setFocus()

    def _lay_out(self) -> None:
        change = QHBoxLayout()
        for name, field in zip(_FIELDS, self._fields, strict=True):
            label = QLabel(name)
            label.setBuddy(field)
            change.addWidget(label)
            change.addWidget(field, 1)
        change.addWidget(self._none)
        change.addWidget(self._default)
        answer = QHBoxLayout()
        answer.addWidget(self._verdict, 1)
        answer.addWidget(self._take, 0, Qt.AlignmentFlag.AlignTop)
        answer.addWidget(self._leave, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self._filter)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._command)
        layout.addLayout(change)
        layout.addLayout(answer)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._table.look_for)
        self._filter.returnPressed.connect(self._table.setFocus)
        self._table.chosen.connect(self._show_command)
        self._table.activated.connect(self._fields[0].setFocus)
        self._fields[0].editingFinished.connect(self._change_first)
        self._fields[1].editingFinished.connect(self._change_second)
        self._none.clicked.connect(self._change_to_none)
        self._default.clicked.connect(self._change_to_default)
        self._take.clicked.connect(self._take_it)
        self._leave.clicked.connect(self._show_present)
        self._all.clicked.connect(self._change_all)
        self._buttons.accepted.connect(self._keep)
        self._buttons.rejected.connect(self.reject)

    @property
    def verdict(self) -> str:
        """What is said about the keys of the chosen command; nothing where all is well."""
        return self._verdict.text()

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the commands that the filter leaves."""
        return self._table.shown

    def choose(self, name: str) -> None:
        """Choose the command whose keys are to be changed."""
        self._table.choose(name)

    def field(self, number: int) -> QKeySequenceEdit:
        """The field of the first key (0) or of the second (1)."""
        return self._fields[number]

    def _show_command(self, name: str) -> None:
        """The command that is chosen now; no name for none."""
        self._name = name
        self._show_present()

    def _show_present(self) -> None:
        """The keys as they are; what was refused is given up."""
        self._refused = ()
        row = self._keys.rows.get(self._name)
        for widget in (*self._fields, self._none, self._default):
            widget.setEnabled(row is not None)
        keys = self._keys.keys(self._name) if row is not None else ()
        for number, field in enumerate(self._fields):
            text = keys[number] if number < len(keys) else ""
            if field.keySequence().toString(_PORTABLE) != text:
                field.setKeySequence(QKeySequence.fromString(text, _PORTABLE))
        if row is None:
            self._command.setText("No command has these words in its name, its tip or its keys.")
        else:
            self._command.setText(f"<b>{title(row)}</b>: {row.tip}")
            self._none.setEnabled(bool(keys))
            self._default.setEnabled(self._keys.is_changed(self._name))
            self._default.setToolTip(joined(self._keys.default(self._name)))
        self._say(" ".join(filter(None, map(warning, keys))))

    def _say(self, sentence: str) -> None:
        self._verdict.setText(f"⚠ {sentence}" if sentence else "")
        for button in (self._take, self._leave):
            button.setVisible(bool(self._refused))
        self._all.setEnabled(any(map(self._keys.is_changed, self._keys.rows)))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not self._refused)

    def _change_first(self) -> None:
        self._change_field(0)

    def _change_second(self) -> None:
        self._change_field(1)

    def _change_field(self, number: int) -> None:
        """A key was pressed in a field, or the field was left without one."""
        pressed = self._fields[number].keySequence().toString(_PORTABLE)
        keys = list(self._keys.keys(self._name)) if self._name else []
        if not pressed or pressed in keys[number : number + 1]:
            if not self._refused:
                self._show_present()
        else:
            keys[number : number + 1] = [pressed]
            self._change(keys)

    def _change_to_none(self) -> None:
        self._change(())

    def _change_to_default(self) -> None:
        self._change(self._keys.default(self._name))

    def _change(self, keys: Sequence[str], *, take: bool = False) -> None:
        try:
            self._keys.change(self._name, keys, take=take)
        except KeyTaken as taken:
            self._refused = keys
            self._say(str(taken))
        except ValueError as error:
            self._show_present()
            self._say(f"{error}; press another.")
        else:
            self._table.show_keys()
            self._show_present()

    def _take_it(self) -> None:
        self._change(self._refused, take=True)

    def _change_all(self) -> None:
        self._keys.reset_all()
        self._table.show_keys()
        self._show_present()

    def _keep(self) -> None:
        self._kept.adopt(self._keys)
        self.accept()
        self.changed.emit()

    def _dress(self) -> None:
        sheet = f"QLabel {{ color: {current_theme().palette.warning}; }}"
        if sheet != self._verdict.styleSheet():
            self._verdict.setStyleSheet(sheet)
        self._verdict.setMinimumHeight(3 * self._verdict.fontMetrics().lineSpacing())  # the table keeps its height

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # these are for the filter and the table here
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._dress()


def _key_field(name: str) -> QKeySequenceEdit:
    field = QKeySequenceEdit()
    field.setMaximumSequenceLength(1)
    field.setFinishingKeyCombinations(
        [QKeyCombination(key) for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)]
    )
    field.setAccessibleName(name)
    line = field.findChild(QLineEdit)
    assert line is not None
    line.setPlaceholderText("no key")
    use_number_font(field)
    return field
