"""A face stays with its widget through switches of the theme."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QHeaderView, QLabel
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.widgets import use_number_font, use_text_font

Dress = Callable[..., Theme]


def test_follows_the_theme(qtbot: QtBot, dress: Dress) -> None:
    dress("dark")
    label = QLabel("0.05690")
    qtbot.addWidget(label)
    label.ensurePolished()
    use_number_font(label, 11)
    assert label.font() == current_theme().number_font(11)
    for name, scale in (("light", 1.0), ("light", 2.0), ("dark", 1.5)):
        dress(name, scale)
        assert label.font() == current_theme().number_font(11)


def test_the_last_call_holds(qtbot: QtBot, dress: Dress) -> None:
    dress("dark")
    label = QLabel("Loss")
    qtbot.addWidget(label)
    use_number_font(label)
    use_text_font(label, 16, bold=True)
    QApplication.sendEvent(label, QEvent(QEvent.Type.StyleChange))
    assert label.font() == current_theme().text_font(16, bold=True)
    assert len(label.children()) == 1


def test_a_header_paints_in_the_font_by_which_it_measures(qtbot: QtBot, dress: Dress) -> None:
    dress("dark")
    header = QHeaderView(Qt.Orientation.Horizontal)
    qtbot.addWidget(header)
    use_text_font(header, 11)
    for name, scale in (("light", 1.0), ("dark", 1.5)):
        dress(name, scale)
        assert header.font() == header.viewport().font() == current_theme().text_font(11)
