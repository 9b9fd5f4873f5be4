"""A themed widget is told about every change of theme."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import Theme
from microgpt_studio.widgets import ThemedWidget

Dress = Callable[..., Theme]


class Counting(ThemedWidget):
    changes = 0

    def theme_changed(self) -> None:
        self.changes += 1
        super().theme_changed()


def test_told_of_a_switch(qtbot: QtBot, dress: Dress) -> None:
    dress("dark")
    widget = Counting()
    qtbot.addWidget(widget)
    widget.ensurePolished()
    for name, scale in (("light", 1.0), ("light", 1.5), ("dark", 1.5)):
        before = widget.changes
        dress(name, scale)
        assert widget.changes > before


def test_the_layout_is_told_of_another_size_alone(qtbot: QtBot, dress: Dress) -> None:
    dress("dark")
    told: list[str] = []

    class Wanting(ThemedWidget):
        wanted = 40

        def sizeHint(self) -> QSize:
            return QSize(self.wanted, 10)

        def updateGeometry(self) -> None:  # noqa: N802  # Qt's name
            told.append("asked")

    widget = Wanting()
    qtbot.addWidget(widget)
    widget.tell_layout()
    told.clear()
    widget.tell_layout()
    assert told == []
    widget.wanted = 50
    widget.tell_layout()
    assert told == ["asked"]
