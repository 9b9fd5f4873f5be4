"""Files and sessions: the actions that ask a person for one, and what is done with the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.window import questions
from microgpt_studio.window.picture import save_picture
from microgpt_studio.window.session_dialog import SessionDialog


class Files(QObject):
    """`settings` are the running session's; `step` its updates done. `say` shows a sentence about what went wrong."""

    def __init__(self, window: QWidget, submit: Callable[[commands.Command], None], say: Callable[[str], None]) -> None:
        super().__init__(window)
        self.settings = Settings()
        self.step = 0
        self.dialog: SessionDialog | None = None
        self._window = window
        self._submit = submit
        self._say = say

    def start(self, settings: Settings) -> None:
        """Begin a session."""
        self._submit(commands.Start(settings))

    # Actions, named in the action table

    def new_session(self) -> None:
        self.dialog = SessionDialog(self.settings, self._window)
        self.dialog.chosen.connect(self.start)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def open_data(self) -> None:
        path = questions.ask_open(self._window, "Open data set", "", questions.TEXTS)
        if path is not None:
            self.start(replace(self.settings, data=path))

    def open_checkpoint(self) -> None:
        path = questions.ask_open(self._window, "Open checkpoint", "", questions.CHECKPOINTS)
        if path is not None:
            self._submit(commands.Open(path, self.settings.data))

    def save_checkpoint(self) -> None:
        suggestion = f"microgpt-{self.step}.safetensors"
        path = questions.ask_save(self._window, "Save checkpoint", suggestion, questions.CHECKPOINTS)
        if path is not None:
            self._submit(commands.Save(path))

    def save_picture(self) -> None:
        path = questions.ask_save(self._window, "Save picture", "microgpt-studio.png", questions.PICTURES)
        reason = save_picture(self._window, path) if path is not None else None
        if reason is not None:
            self._say(reason)
