"""The session dialog: every setting of a training run in one form, checked while it is typed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.program.size import check_memory, parameter_count, scalar_count
from microgpt.settings import Settings, read
from microgpt_studio.debugger.footprint import BYTES_BESIDE
from microgpt_studio.window import questions

_SIZES = {
    "n_layer": "Layers",
    "n_embd": "Width of the residual stream",
    "n_head": "Heads",
    "block_size": "Block size (positions)",
    "num_steps": "Updates",
    "seed": "Seed",
}
_ADAM = {"learning_rate": "Learning rate", "beta1": "β₁", "beta2": "β₂", "eps": "ε"}


class SessionDialog(QDialog):
    """Asks for Settings; `chosen` gives them when the person says Start."""

    chosen = Signal(object)  # Settings

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New session")
        self._fields: dict[str, QLineEdit] = {}
        self._known: tuple[Path | None, tuple[int, int]] | None = None  # data set → its documents and tokens
        self._data = QLineEdit("" if settings.data is None else str(settings.data))
        self._data.setPlaceholderText("the embedded names of the 1990 US census")
        self._data.setMinimumWidth(320)
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        data = QHBoxLayout()
        data.addWidget(self._data)
        data.addWidget(browse)
        form = QFormLayout()
        form.addRow("Data set", data)
        for name, text in (_SIZES | _ADAM).items():
            value = getattr(settings.adam if name in _ADAM else settings, name)
            self._fields[name] = QLineEdit(f"{value!r}")
            form.addRow(text, self._fields[name])
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumHeight(40)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())  # some desktops add one
        self._start = self._buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self._start.setDefault(True)
        self._buttons.accepted.connect(self._choose)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._verdict)
        layout.addWidget(self._buttons)
        for field in (self._data, *self._fields.values()):
            field.textChanged.connect(self._check)
        self._check()

    def field(self, name: str) -> QLineEdit:
        """The field of a setting, by its name in Settings or Adam; "data" for the file."""
        return self._data if name == "data" else self._fields[name]

    @property
    def verdict(self) -> str:
        """What the form says about its present contents."""
        return self._verdict.text()

    def settings(self) -> Settings:
        """The settings as they are typed. Raises ValueError with a sentence."""
        numbers = {name: self._number(name) for name in self._fields}
        adam = replace(Adam(), **{name: numbers[name] for name in _ADAM})
        path = self._data.text().strip()
        sizes = {name: int(numbers[name]) for name in _SIZES}
        return Settings(data=Path(os.path.expanduser(path)) if path else None, adam=adam, **sizes)  # noqa: PTH111

    def _number(self, name: str) -> float:
        text = self._fields[name].text().strip()
        kind = float if name in _ADAM else int
        try:
            return kind(text)
        except ValueError:
            what = "a number" if kind is float else "a whole number"
            raise ValueError(f"{(_SIZES | _ADAM)[name]}: {text!r} is not {what}") from None

    def _check(self) -> None:
        try:
            settings = self.settings()
            count, vocab_size = self._read(settings)
            config = settings.configuration(vocab_size)
            check_memory(config, beside=BYTES_BESIDE)
        except ValueError as error:
            self._verdict.setText(str(error))
            self._start.setEnabled(False)
            return
        self._verdict.setText(
            f"{count:,} documents, {vocab_size:,} tokens, {parameter_count(config):,} parameters, "
            f"up to {scalar_count(config):,} scalars."
        )
        self._start.setEnabled(True)

    def _read(self, settings: Settings) -> tuple[int, int]:
        """Documents and tokens of the data, which is read when it is named, not at every key that is pressed."""
        if self._known is None or self._known[0] != settings.data:
            self._known = None
            documents = read(settings)
            self._known = settings.data, (len(documents), Tokenizer.of(documents).vocab_size)
        return self._known[1]

    def _browse(self) -> None:
        path = questions.ask_open(self, "Open data set", "", questions.TEXTS)
        if path is not None:
            self._data.setText(str(path))

    def _choose(self) -> None:
        settings = self.settings()
        self.accept()
        self.chosen.emit(settings)
